package io.consoul.launcher;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The lag of the event loops")
class EventLoopLagTest {

  private static final Duration BLOCKED = Duration.ofMillis(500);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final EventLoopLag lag = new EventLoopLag(vertx, meters, BLOCKED);

  @AfterEach
  void close() {
    lag.close();
    vertx.close().await();
  }

  @Test
  @DisplayName("tells of one that is blocked while it is, and how late it was when it goes on")
  void blocked() {
    CountDownLatch free = new CountDownLatch(1);
    vertx.getOrCreateContext().runOnContext(now -> holdUp(free));
    try {
      await().until(() -> blockedLoops() == 1);
    } finally {
      free.countDown();
    }

    await().until(() -> blockedLoops() == 0);
    await().until(() -> worst() >= BLOCKED.toMillis());
  }

  @Test
  @DisplayName("is looked at on each of them, again and again")
  void beats() {
    await().until(() -> meters.get("consoul_event_loop_lag").timer().count() > 9);
    await().until(() -> blockedLoops() == 0); // a machine that is busy may hold one up
  }

  private static void holdUp(CountDownLatch free) {
    try {
      free.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private double blockedLoops() {
    return meters.get("consoul_event_loops_blocked").gauge().value();
  }

  private double worst() {
    return meters.get("consoul_event_loop_lag").timer().max(TimeUnit.MILLISECONDS);
  }
}
