package io.consoul.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** Sets the log's level and format once the configuration has told them. */
final class Logging {

  /** Before anything of Vert.x is loaded: everybody logs through SLF4J. */
  static void routeToSlf4j() {
    System.setProperty(
        "vertx.logger-delegate-factory-class-name",
        "io.vertx.core.logging.SLF4JLogDelegateFactory");
    System.setProperty("hazelcast.logging.type", "slf4j");
  }

  /** Lines that somebody writes meanwhile may be lost. */
  static void apply(NodeConfig config) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    String format = config.logFormat().name().toLowerCase(Locale.ROOT);
    URL layout = Logging.class.getResource("/logging/" + format + ".xml");
    context.reset();
    context.putProperty("level", config.logLevel().name());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(layout);
    } catch (JoranException broken) {
      throw new IllegalStateException("the jar's logging configuration cannot be read", broken);
    }
  }

  /** While the node runs. No line is lost by a change of the level, which is that of levels.xml. */
  static void change(NodeConfig before, NodeConfig now) {
    if (now.logFormat() != before.logFormat()) {
      apply(now);
    } else if (now.logLevel() != before.logLevel()) {
      LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
      context.getLogger("io.consoul").setLevel(Level.valueOf(now.logLevel().name()));
    }
  }

  /** Writes what is still on its way; nothing is logged any more. To be called before the process ends. */
  static void close() {
    ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
  }

  private Logging() {}
}
