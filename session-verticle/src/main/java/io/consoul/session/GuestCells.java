package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.query.Predicate;
import java.util.Map;

/** Finds the cells of a shelter that something is left in. It looks at them from another thread than the one that writes. */
final class GuestCells implements Predicate<String, Cell>, IdentifiedDataSerializable {

  @Override
  public boolean apply(Map.Entry<String, Cell> entry) {
    return entry.getValue().isGuest();
  }

  @Override
  public void writeData(ObjectDataOutput out) {
    // nothing to tell
  }

  @Override
  public void readData(ObjectDataInput in) {
    // nothing to tell
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.GUESTS;
  }
}
