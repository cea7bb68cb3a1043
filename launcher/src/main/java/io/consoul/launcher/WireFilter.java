package io.consoul.launcher;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;

/**
 * Which classes this node makes objects of when another member of the cluster sends them in Java's own serialization, whatever
 * cluster.xml says. Consoul's data and Vert.x's have forms of their own and need none of it: what is left are Hazelcast's
 * failures, and what they are made of.
 */
final class WireFilter {

  private static final String HAZELCAST = "com.hazelcast.";

  /** With all that is in them: a class is looked up by the whole name of its package. */
  private static final String[] PACKAGES = {
    "java.lang",
    "java.util",
    "java.util.concurrent",
    "java.io",
    "io.consoul.fault",
    "io.vertx.core.json"
  };

  /** Of what is listed; each element is looked at by itself. */
  private static final String ARRAYS = "[";

  private WireFilter() {}

  /** To be called before the member is started. */
  static void apply(Config config) {
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(new JavaSerializationFilterConfig()
            .setDefaultsDisabled(true) // they let in all that begins with "java"
            .setWhitelist(new ClassFilter().addPrefixes(HAZELCAST, ARRAYS).addPackages(PACKAGES)));
  }
}
