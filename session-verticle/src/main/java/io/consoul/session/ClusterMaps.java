package io.consoul.session;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.HazelcastInstance;
import java.time.Instant;
import java.time.InstantSource;

/** The maps of a cluster in which sessions are kept: their names, and what they have to be like. */
public final class ClusterMaps {

  static final String SESSIONS = "consoul.sessions";

  /** All maps of this application, and Vert.x's are others. */
  private static final String ALL = "consoul.*";

  private static final int MERGE_BATCH = 20;

  private ClusterMaps() {}

  /** To be called before the member is started. How many copies there are is what the file says, at least one. */
  public static void configure(Config config) {
    config
        .getSerializationConfig()
        .addDataSerializableFactory(ClusterTypes.FACTORY, new ClusterTypes());
    MapConfig map = config.getMapConfig(ALL);
    map.setInMemoryFormat(InMemoryFormat.OBJECT) // a step changes a value where it is
        .setBackupCount(Math.max(1, map.getBackupCount()))
        .setMergePolicyConfig(new MergePolicyConfig(SplitMerge.class.getName(), MERGE_BATCH));
  }

  /** Beside a map of sessions: which there are. */
  static String listOf(String sessions) {
    return sessions + ".list";
  }

  /** The clock that all members go by, whatever their own ones say. */
  static InstantSource clock(HazelcastInstance member) {
    return () -> Instant.ofEpochMilli(member.getCluster().getClusterTime());
  }
}
