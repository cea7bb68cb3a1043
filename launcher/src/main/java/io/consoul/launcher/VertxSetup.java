package io.consoul.launcher;

import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/**
 * How the node's Vert.x is made.
 *
 * @param meters null where they are off: then Vert.x measures nothing
 */
record VertxSetup(NodeConfig config, Meters meters) {

  VertxBuilder builder() {
    VertxBuilder builder = Vertx.builder().with(options());
    return meters == null ? builder : builder.withMetrics(new VertxMeters(meters.registry()));
  }

  VertxOptions options() {
    return new VertxOptions()
        .setEventLoopPoolSize(config.eventLoops())
        .setWorkerPoolSize(config.workerPoolSize())
        .setFileSystemOptions(new FileSystemOptions()
            .setClassPathResolvingEnabled(false)
            .setFileCachingEnabled(false));
  }
}
