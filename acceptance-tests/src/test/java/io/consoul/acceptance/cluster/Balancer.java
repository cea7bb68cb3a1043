package io.consoul.acceptance.cluster;

import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends each request to a node that was ready when it was last asked, which is every 100 ms; as a load balancer does. */
final class Balancer implements Entrances, AutoCloseable {

  private static final long INTERVAL_MILLIS = 100;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final List<ChatClient> nodes;
  private final Set<ChatClient> ready = ConcurrentHashMap.newKeySet();
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
    await("a node is ready").atMost(LIMIT).until(() -> !ready.isEmpty());
    while (true) {
      ChatClient node = nodes.get(Math.floorMod(turn.getAndIncrement(), nodes.size()));
      if (ready.contains(node)) {
        return node;
      }
    }
  }

  boolean isReady(ChatClient node) {
    return ready.contains(node);
  }

  private void ask(ChatClient node) {
    if (!asked.add(node)) {
      return;
    }
    node.begin(HttpMethod.GET, "/ready", Map.of(), null).onComplete(answer -> {
      asked.remove(node);
      if (answer.succeeded() && answer.result().status() == 200) {
        ready.add(node);
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
