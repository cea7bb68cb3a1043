package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.query.Predicate;
import java.io.IOException;
import java.util.Map;

/** Finds the cells in which a sweep has something to do. It looks at them from another thread than the one that writes. */
final class DueCells implements Predicate<String, Cell>, IdentifiedDataSerializable {

  private long millis;
  private boolean orphansOnly;

  /** For deserialisation. */
  DueCells() {}

  DueCells(long millis, boolean orphansOnly) {
    this.millis = millis;
    this.orphansOnly = orphansOnly;
  }

  @Override
  public boolean apply(Map.Entry<String, Cell> entry) {
    return entry.getValue().isDue(millis, orphansOnly);
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeLong(millis);
    out.writeBoolean(orphansOnly);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    millis = in.readLong();
    orphansOnly = in.readBoolean();
  }

  @Override
  public int getFactoryId() {
    return ClusterTypes.FACTORY;
  }

  @Override
  public int getClassId() {
    return ClusterTypes.DUE;
  }
}
