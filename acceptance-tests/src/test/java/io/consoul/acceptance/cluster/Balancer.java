package io.consoul.acceptance.cluster;

import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends each request to a node that was ready when it was last asked, which is every 100 ms; as a load balancer does. What it was told
 * a while ago, because everything stood still, is no answer: a node that drains is asked for less long than that.
 */
final class Balancer implements Entrances, AutoCloseable {

  private static final long INTERVAL_MILLIS = 100;
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(800);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Vertx vertx;
  private final List<ChatClient> nodes;
  private final Map<ChatClient, Long> ready = new ConcurrentHashMap<>();
  private final Set<ChatClient> asked = ConcurrentHashMap.newKeySet();
  private final AtomicInteger turn = new AtomicInteger();
  private final long timer;

  Balancer(Vertx vertx, List<ChatClient> nodes) {
    this.vertx = vertx;
    this.nodes = nodes;
    this.timer = vertx.setPeriodic(0, INTERVAL_MILLIS, tick -> nodes.forEach(this::ask));
  }

  @Override
  public ChatClient next() {
    return find()
        .orElseGet(() -> await("a node is ready")
            .pollInterval(Duration.ofMillis(INTERVAL_MILLIS / 2))
            .atMost(LIMIT)
            .until(this::find, Optional::isPresent)
            .orElseThrow());
  }

  boolean isReady(ChatClient node) {
    Long told = ready.get(node);
    return told != null && System.nanoTime() - told < FRESH_NANOS;
  }

  private Optional<ChatClient> find() {
    int first = turn.getAndIncrement();
    for (int i = 0; i < nodes.size(); i++) {
      ChatClient node = nodes.get(Math.floorMod(first + i, nodes.size()));
      if (isReady(node)) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }

  private void ask(ChatClient node) {
    if (!asked.add(node)) {
      return;
    }
    long now = System.nanoTime();
    node.begin(HttpMethod.GET, "/ready", Map.of(), null).onComplete(answer -> {
      asked.remove(node);
      if (answer.succeeded() && answer.result().status() == 200) {
        ready.put(node, now);
      } else {
        ready.remove(node);
      }
    });
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
