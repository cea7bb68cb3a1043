package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;

/** One turn, its answer whole or as it comes; a turn that was left is found again; one in progress is stopped. */
final class ChatEndpoints {

  private static final String KEY_HEADER = "Idempotency-Key";

  private final Vertx vertx;
  private final RequestBody body;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final Edge edge;
  private final Duration ssePing;

  ChatEndpoints(
      Vertx vertx,
      RequestBody body,
      TurnPeers peers,
      TurnStreams streams,
      Edge edge,
      Duration ssePing) {
    this.vertx = vertx;
    this.body = body;
    this.peers = peers;
    this.streams = streams;
    this.edge = edge;
    this.ssePing = ssePing;
  }

  /** POST /chat. */
  void chat(Exchange exchange) {
    with(exchange, chat -> begin(exchange, chat, new WholeAnswer(exchange, chat)));
  }

  /** POST /chat/stream. With the id of an event it goes on with that turn and never begins another. */
  void stream(Exchange exchange) {
    with(exchange, chat -> {
      String last = Header.once(exchange.request(), LastEventId.HEADER);
      if (last == null) {
        begin(exchange, chat, events(exchange));
      } else {
        resume(exchange, ofSession(chat.session(), LastEventId.parse(last)));
      }
    });
  }

  /** GET /chat/stream/{turn_id}: from the beginning, or from behind the last event that the client has seen. */
  void attach(Exchange exchange) {
    TurnId turn = PathSegment.turn(exchange.request().path(), 2);
    String last = Header.once(exchange.request(), LastEventId.HEADER);
    if (last == null) {
      resume(exchange, new LastEventId(turn, 0, 0));
      return;
    }
    LastEventId seen = LastEventId.parse(last);
    if (!seen.turn().equals(turn)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          LastEventId.HEADER, "belongs to another turn than the path names");
    }
    resume(exchange, seen);
  }

  /** POST /chat/{session_id}/cancel. */
  void cancel(Exchange exchange) {
    SessionId session = PathSegment.session(exchange.request().path(), 1);
    body.optionalFields(exchange)
        .map(given -> new CancelTurn(session, exchange.tenant(), namedTurn(given)))
        .compose(cancel -> peers.ask(cancel, Cancelled.class))
        .onSuccess(cancelled -> exchange.json(
            200,
            new JsonObject()
                .put(
                    "cancelled",
                    cancelled.turn() == null ? null : cancelled.turn().value())))
        .onFailure(exchange::fail);
  }

  private void with(Exchange exchange, Consumer<ChatRequest> endpoint) {
    body.fields(exchange)
        .map(ChatRequest::parse)
        .map(chat -> {
          if (!exchange.isOver()) {
            endpoint.accept(chat);
          }
          return chat;
        })
        .onFailure(exchange::fail);
  }

  private void begin(Exchange exchange, ChatRequest chat, TurnSink answer) {
    IdempotencyKey key = key(exchange);
    exchange.observer().asks(chat.model());
    start(
        exchange,
        streams.open(
            streams
                .turn(chat.session(), exchange.caller(), chat.message(), chat.model())
                .under(key),
            answer));
  }

  private void resume(Exchange exchange, LastEventId from) {
    AttachTurn attachment =
        streams.attachment(from.turn(), exchange.tenant(), from.offset(), from.cuts());
    exchange.observer().resumes();
    start(exchange, streams.open(attachment, events(exchange)));
  }

  /** The turn goes on without its client. */
  static void start(Exchange exchange, TurnStream stream) {
    exchange.onGone(stream::detach);
    exchange.onRefused(stream::refuse);
    exchange.onWritable(stream::writable);
    stream.start();
  }

  private EventStream events(Exchange exchange) {
    return new EventStream(new SseResponse(vertx, exchange, ssePing, edge));
  }

  private static LastEventId ofSession(SessionId session, LastEventId seen) {
    if (!seen.turn().session().equals(session)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          LastEventId.HEADER, "belongs to another session than session_id");
    }
    return seen;
  }

  /** Null where the request names none. */
  static IdempotencyKey key(Exchange exchange) {
    String key = Header.once(exchange.request(), KEY_HEADER);
    try {
      return IdempotencyKey.ofNullable(key);
    } catch (FaultException malformed) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          KEY_HEADER, "must be 1 to " + IdempotencyKey.MAX_LENGTH + " characters");
    }
  }

  private static TurnId namedTurn(Fields given) {
    String turn = given.optionalText("turn_id");
    return turn == null ? null : TurnId.parse(turn);
  }
}
