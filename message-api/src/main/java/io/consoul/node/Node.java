package io.consoul.node;

import io.consoul.message.Bus;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * What the verticles of one JVM share: the bus, the directory, the drain, the clock, the source of randomness, the
 * meters and the traces.
 *
 * @param id of this JVM, new at every start
 */
public record Node(
    String id,
    Bus bus,
    Directory directory,
    Drain drain,
    InstantSource clock,
    RandomGenerator random,
    MeterRegistry meters,
    Tracing tracing) {

  /** Call once per Vertx, before the first verticle is deployed. */
  public static Future<Node> join(Vertx vertx) {
    return join(vertx, InstantSource.system());
  }

  /** With meters that nobody reads. */
  public static Future<Node> join(Vertx vertx, InstantSource clock) {
    return join(vertx, clock, new SimpleMeterRegistry());
  }

  public static Future<Node> join(Vertx vertx, InstantSource clock, MeterRegistry meters) {
    return join(vertx, clock, meters, Tracing.OFF, UUID.randomUUID().toString());
  }

  /** @param id by which the cluster, too, knows this JVM */
  public static Future<Node> join(
      Vertx vertx, InstantSource clock, MeterRegistry meters, Tracing tracing, String id) {
    Bus bus = Bus.install(vertx);
    RandomGenerator random = new SecureRandom();
    return Directory.open(vertx, bus, clock, random, id)
        .map(directory ->
            new Node(id, bus, directory, new Drain(clock), clock, random, meters, tracing));
  }

  /**
   * Shows a number of the whole JVM. All instances of a verticle may ask for it, at the same time, too; the first one has it
   * registered.
   */
  public <T> void gauge(String name, String description, T source, ToDoubleFunction<T> number) {
    synchronized (meters) {
      if (meters.find(name).gauge() == null) {
        Gauge.builder(name, source, number)
            .description(description)
            .strongReference(true)
            .register(meters);
      }
    }
  }

  /** Stops saying hello. */
  public Future<Void> leave() {
    return directory.close();
  }
}
