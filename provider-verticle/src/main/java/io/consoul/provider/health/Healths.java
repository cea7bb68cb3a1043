package io.consoul.provider.health;

import io.consoul.message.Addresses;
import io.consoul.message.BreakerChanged;
import io.consoul.message.Bus;
import io.consoul.message.Handlers;
import io.consoul.message.ProviderHeld;
import io.consoul.node.Node;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The {@link Health} of every provider, once per JVM, in touch with those of the other nodes. Safe from every thread.
 */
public final class Healths {

  /** Published here: {@link ProviderHeld}, which is nobody else's business. */
  private static final String HELD = "consoul.provider.held";

  private final Vertx vertx;
  private final String node;
  private final Context context;
  private final Surroundings surroundings;
  private final Map<String, ProviderHealth> healths = new ConcurrentHashMap<>();
  private List<MessageConsumer<Object>> consumers = List.of();
  private long timer;

  private Healths(Vertx vertx, Node node) {
    this.vertx = vertx;
    this.node = node.id();
    this.context = vertx.getOrCreateContext();
    Bus bus = node.bus();
    // All that is said goes out on one context: it arrives in the order in which it happened.
    this.surroundings = new Surroundings(
        node.id(),
        node.clock(),
        node.meters(),
        node.directory()::knowsNode,
        word -> context.runOnContext(then -> bus.announce(Addresses.EVENTS_BREAKER, word)),
        word -> context.runOnContext(then -> bus.publish(HELD, word)));
  }

  /**
   * @param providers by their name, each with the longest that a call to it may take
   * @return the healths once they hear those of the other nodes
   */
  public static Future<Healths> open(
      Vertx vertx,
      Node node,
      BreakerConfig breaker,
      RetryConfig retry,
      Map<String, Duration> providers) {
    Healths healths = new Healths(vertx, node);
    healths.change(breaker, retry, providers, Set.of());
    Promise<Healths> open = Promise.promise();
    healths.context.runOnContext(
        start -> healths.listen(node.bus()).map(healths).onComplete(open));
    return open.future();
  }

  /**
   * Goes by another configuration. Who has a {@link Health} may go on to use it, also where its provider is gone.
   *
   * @param providers all that there are now
   * @param others of these, those behind whose name there is another server now, or another account: what was known says
   *     nothing about it
   */
  public synchronized void change(
      BreakerConfig breaker,
      RetryConfig retry,
      Map<String, Duration> providers,
      Set<String> others) {
    healths.entrySet().removeIf(known -> {
      boolean gone = !providers.containsKey(known.getKey()) || others.contains(known.getKey());
      if (gone) {
        known.getValue().close();
      }
      return gone;
    });
    providers.forEach((name, callLimit) -> {
      ProviderHealth known = healths.get(name);
      if (known == null) {
        healths.put(name, new ProviderHealth(name, breaker, retry, callLimit, surroundings));
      } else {
        known.change(breaker, retry, callLimit);
      }
    });
  }

  /** @throws IllegalArgumentException when no such provider is configured */
  public Health of(String provider) {
    Health health = healths.get(provider);
    if (health == null) {
      throw new IllegalArgumentException("no provider of this name: " + provider);
    }
    return health;
  }

  /** To be called when no verticle uses it any more. */
  public Future<Void> close() {
    healths.values().forEach(ProviderHealth::close);
    Promise<Void> closed = Promise.promise();
    context.runOnContext(last -> {
      vertx.cancelTimer(timer);
      Future.join(consumers.stream().map(MessageConsumer::unregister).toList())
          .<Void>mapEmpty()
          .onComplete(closed);
    });
    return closed.future();
  }

  private Future<Void> listen(Bus bus) {
    consumers = List.of(
        bus.serve(
            Addresses.EVENTS_BREAKER,
            new Handlers()
                .onEvent(
                    BreakerChanged.class,
                    word -> ifOthers(word.node(), word.provider(), each -> each.heard(word)))),
        bus.serve(
            HELD,
            new Handlers()
                .onEvent(
                    ProviderHeld.class,
                    word -> ifOthers(word.node(), word.provider(), each -> each.heard(word)))));
    timer = vertx.setPeriodic(
        ProviderHealth.REPEAT.toMillis(), id -> healths.values().forEach(ProviderHealth::tick));
    return Future.join(consumers.stream().map(MessageConsumer::completion).toList())
        .mapEmpty();
  }

  /** Our own words come back to us, and another node may have providers that we have not. */
  private void ifOthers(String from, String provider, Consumer<ProviderHealth> then) {
    ProviderHealth health = healths.get(provider);
    if (health != null && !from.equals(node)) {
      then.accept(health);
    }
  }
}
