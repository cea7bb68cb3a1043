package io.consoul.launcher;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;

/**
 * Which classes this node makes objects of because another member of the cluster says so, whatever cluster.xml says. Consoul's
 * data and Vert.x's have forms of their own. In Java's serialization come failures only, and what they are made of.
 */
final class WireFilter {

  /** What Hazelcast looks for by its name, for itself or for somebody else. */
  private static final ClassFilter NAMED = new ClassFilter()
      .addPrefixes("com.hazelcast.", "io.consoul.session.", "io.vertx.spi.cluster.hazelcast.", "java", "[");

  private WireFilter() {}

  /** To be called before the member is started. */
  static void apply(Config config) {
    config.setClassLoader(new NamedClasses(WireFilter.class.getClassLoader()));
    config
        .getSerializationConfig()
        .setJavaSerializationFilterConfig(new JavaSerializationFilterConfig()
            .setDefaultsDisabled(true) // they let in all that begins with "java"
            .setWhitelist(serialized()));
  }

  private static ClassFilter serialized() {
    return new ClassFilter()
        // Of arrays each element is looked at by itself.
        .addPrefixes("com.hazelcast.", "[")
        .addPackages("java.lang", "java.util", "java.util.concurrent", "java.io")
        .addPackages("io.consoul.fault", "io.vertx.core.json");
  }

  /** Hazelcast's own forms, too, name a class; there its filter has no say. */
  private static final class NamedClasses extends ClassLoader {

    private NamedClasses(ClassLoader all) {
      super(all);
    }

    /** Not {@link ClassNotFoundException}: Hazelcast would go on to look for it elsewhere. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!NAMED.isListed(name)) {
        throw new SecurityException("Resolving class " + name + " is not allowed.");
      }
      return super.loadClass(name, resolve);
    }
  }
}
