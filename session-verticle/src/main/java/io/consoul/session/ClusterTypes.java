package io.consoul.session;

import com.hazelcast.nio.serialization.DataSerializableFactory;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;

/** What goes between the members of a cluster for its store, by numbers that never change. */
final class ClusterTypes implements DataSerializableFactory {

  static final int FACTORY = 7_001;
  static final int CELL = 1;
  static final int STEP = 2;
  static final int OUTCOME = 3;
  static final int LIST_BUCKET = 4;
  static final int LIST_STEP = 5;
  static final int DUE = 6;

  @Override
  public IdentifiedDataSerializable create(int type) {
    return switch (type) {
      case CELL -> new Cell();
      case STEP -> new CellStep();
      case OUTCOME -> new Outcome();
      case LIST_BUCKET -> new ListBucket();
      case LIST_STEP -> new ListStep();
      case DUE -> new DueCells();
      default -> null;
    };
  }
}
