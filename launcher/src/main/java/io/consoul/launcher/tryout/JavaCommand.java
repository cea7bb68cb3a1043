package io.consoul.launcher.tryout;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a node is started: by the java, the jar and the JVM options that this process has itself, with a heap of the size for
 * trying out unless those options choose one.
 *
 * @param classPath one jar that knows its main class, or a list
 */
public record JavaCommand(Path java, List<String> jvmOptions, String classPath, String mainClass) {

  /** Several on one machine: each starts fast and stays small, and none has to be quick for long. */
  private static final List<String> SMALL = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

  /**
   * @param home folder of its cluster.xml
   * @param arguments those of the server
   */
  List<String> line(Path home, List<String> arguments) {
    List<String> line = new ArrayList<>();
    line.add(java.toString());
    line.addAll(SMALL);
    line.addAll(jvmOptions);
    line.add("-Dconsoul.home=" + home);
    line.add(Leash.JVM_OPTION);
    // Only so a JVM heeds the jar's manifest, which opens packages to its libraries.
    boolean jar = classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator);
    line.addAll(jar ? List.of("-jar", classPath) : List.of("-cp", classPath, mainClass));
    line.addAll(arguments);
    return line;
  }
}
