package io.consoul.gc;

import io.consoul.config.ConfigReader;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * conf/gc.json. Every key, its default and its range stand in this file and nowhere else.
 *
 * @param interval between two full collections, 1 s to a day; zero is off
 * @param orphanInterval between two looks for turns whose provider is gone, whatever the interval
 * @param batchSize sessions per step
 * @param pause between two steps
 */
public record GcConfig(Duration interval, Duration orphanInterval, int batchSize, Duration pause) {

  /** The caller reports the problems, over all files at once. */
  public static GcConfig from(ConfigReader root) {
    GcConfig config = new GcConfig(
        root.seconds("intervalSeconds", "CONSOUL_SESSION_GC_INTERVAL", 3_600, 0, 86_400),
        root.seconds(
            "orphanIntervalSeconds", "CONSOUL_SESSION_GC_ORPHAN_INTERVAL", 10, 0.05, 3_600),
        root.integer("batchSize", "CONSOUL_SESSION_GC_BATCH_SIZE", 100, 1, 10_000),
        root.millis("pauseMillis", "CONSOUL_SESSION_GC_PAUSE_MS", 10, 1, 10_000));
    if (!config.interval.isZero() && config.interval.toMillis() < 1_000) {
      root.reject("intervalSeconds", "must be 0 (off) or a number of seconds from 1 to 86400");
    }
    root.closed();
    return config;
  }

  /** @throws io.consoul.config.ConfigException with every problem of it */
  public static GcConfig from(JsonObject json) {
    return ConfigReader.read(json, GcConfig::from);
  }
}
