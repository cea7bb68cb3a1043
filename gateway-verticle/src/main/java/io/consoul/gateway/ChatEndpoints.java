package io.consoul.gateway;

import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import java.time.Duration;

/** POST /chat and POST /chat/stream: one turn, its answer whole or as it comes. */
final class ChatEndpoints {

  /** Makes the sink of a turn that is about to begin. */
  private interface Answer {
    TurnSink to(Exchange exchange, ChatRequest chat, TurnId turn);
  }

  private final Vertx vertx;
  private final RequestBody body;
  private final TurnStreams streams;
  private final Edge edge;
  private final Duration ssePing;

  ChatEndpoints(Vertx vertx, RequestBody body, TurnStreams streams, Edge edge, Duration ssePing) {
    this.vertx = vertx;
    this.body = body;
    this.streams = streams;
    this.edge = edge;
    this.ssePing = ssePing;
  }

  void chat(Exchange exchange) {
    run(exchange, WholeAnswer::new);
  }

  void stream(Exchange exchange) {
    run(exchange, (to, chat, turn) -> new EventStream(vertx, to, turn, ssePing, edge));
  }

  private void run(Exchange exchange, Answer answer) {
    body.read(exchange)
        .map(ChatRequest::parse)
        .onSuccess(chat -> begin(exchange, chat, answer))
        .onFailure(exchange::fail);
  }

  private void begin(Exchange exchange, ChatRequest chat, Answer answer) {
    if (exchange.isOver()) {
      return;
    }
    TurnId turn = streams.mint(chat.session());
    TurnStream stream =
        streams.open(turn, chat.message(), chat.model(), answer.to(exchange, chat, turn));
    exchange.onGone(stream::detach);
    exchange.onWritable(stream::writable);
    stream.begin();
  }
}
