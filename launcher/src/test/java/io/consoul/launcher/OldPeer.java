package io.consoul.launcher;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** A node of the version before, as the others in its cluster see it: it says hello, takes messages and sends some. */
final class OldPeer {

  private static final String NODES = "consoul.events.node";

  private final Vertx vertx;
  private final String node = UUID.randomUUID().toString();
  private final List<JsonObject> hellos = new CopyOnWriteArrayList<>();
  private final Map<String, String> served = new ConcurrentHashMap<>();
  private final Map<String, Long> repeated = new ConcurrentHashMap<>();
  private final List<OldMessage> received = new CopyOnWriteArrayList<>();

  private OldPeer(Vertx vertx) {
    this.vertx = vertx;
  }

  /** @param vertx a member of the cluster, which has nothing of today's bus on it */
  static OldPeer on(Vertx vertx, int frameVersion) {
    OldPeer peer = new OldPeer(vertx);
    vertx.eventBus().registerCodec(new OldCodec(frameVersion));
    vertx.eventBus().codecSelector(body -> body instanceof OldMessage ? "consoul" : null);
    Deployed.get(vertx
        .eventBus()
        .<OldMessage>consumer(NODES, hello -> peer.hellos.add(hello.body().body()))
        .completion());
    return peer;
  }

  /**
   * Serves an inbox of its own.
   *
   * @param answer to a request, or null where there is none to give
   */
  String serve(String kind, Function<OldMessage, OldMessage> answer) {
    String inbox = "consoul." + kind + ".inbox." + UUID.randomUUID();
    served.put(kind, inbox);
    Deployed.get(vertx
        .eventBus()
        .<OldMessage>consumer(inbox, message -> {
          received.add(message.body());
          OldMessage reply = answer.apply(message.body());
          if (reply != null) {
            message.reply(reply);
          }
        })
        .completion());
    return inbox;
  }

  /** Says that an instance is there, and again every second, or that it is gone. */
  void hello(String kind, String inbox, boolean gone) {
    if (gone) {
      vertx.cancelTimer(repeated.remove(inbox));
    } else {
      repeated.computeIfAbsent(
          inbox, first -> vertx.setPeriodic(1_000, again -> say(kind, inbox, false)));
    }
    say(kind, inbox, gone);
  }

  /** Says no hello any more, and forgets what it has received. */
  void rest() {
    repeated.values().forEach(vertx::cancelTimer);
    repeated.clear();
    received.clear();
  }

  private void say(String kind, String inbox, boolean gone) {
    vertx
        .eventBus()
        .publish(
            NODES,
            new OldMessage(
                "hello",
                new JsonObject()
                    .put("kind", kind)
                    .put("node", node)
                    .put("inbox", inbox)
                    .put("load", 0)
                    .put("draining", gone)
                    .put("gone", gone)
                    .put("frame_version", OldCodec.NEWEST)
                    .put("store", kind.equals("session") ? "memory" : null)));
  }

  /** Its own inbox of this kind. */
  String inboxServed(String kind) {
    return served.get(kind);
  }

  /** The inbox that the last instance of this kind told that is still there. */
  Optional<String> inboxOf(String kind) {
    JsonObject last = null;
    for (JsonObject hello : hellos) {
      if (hello.getString("kind").equals(kind) && !hello.getString("node").equals(node)) {
        last = hello.getBoolean("gone") ? null : hello;
      }
    }
    return Optional.ofNullable(last).map(hello -> hello.getString("inbox"));
  }

  OldMessage ask(String address, OldMessage request) {
    return Deployed.get(vertx
            .eventBus()
            .<OldMessage>request(address, request, new DeliveryOptions().setSendTimeout(20_000)))
        .body();
  }

  void tell(String address, OldMessage message) {
    vertx.eventBus().send(address, message);
  }

  /** As above, without waiting. */
  void ask(String address, OldMessage request, Consumer<OldMessage> whenAnswered) {
    vertx
        .eventBus()
        .<OldMessage>request(address, request)
        .onSuccess(answer -> whenAnswered.accept(answer.body()));
  }

  List<OldMessage> received() {
    return received;
  }

  /** The one of this type that came first. */
  Optional<OldMessage> received(String type) {
    return received.stream().filter(message -> message.is(type)).findFirst();
  }
}
