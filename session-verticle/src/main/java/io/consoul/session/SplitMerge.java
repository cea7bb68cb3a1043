package io.consoul.session;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.spi.merge.MergingValue;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;

/**
 * What there is of a session when the parts of a cluster that was cut in two find together again: the turns of both, in the
 * order of their times. Hazelcast makes it by its name, on the side of the larger part.
 */
public final class SplitMerge
    implements SplitBrainMergePolicy<Object, MergingValue<Object>, Object> {

  @Override
  public Object merge(MergingValue<Object> merging, MergingValue<Object> existing) {
    Object theirs = merging.getDeserializedValue();
    Object ours = existing == null ? null : existing.getDeserializedValue();
    if (ours == null) {
      return theirs;
    }
    if (theirs instanceof Cell cell) {
      return ((Cell) ours).mergedWith(cell);
    }
    ListBucket both = new ListBucket();
    both.addAll((ListBucket) ours);
    both.addAll((ListBucket) theirs);
    return both;
  }

  @Override
  public void writeData(ObjectDataOutput out) {
    // it has no state
  }

  @Override
  public void readData(ObjectDataInput in) {
    // it has no state
  }
}
