package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.gateway.openai.OpenAiModels;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The API that clients of OpenAI speak, for every provider there is. */
final class V1Endpoints {

  private final Vertx vertx;
  private final RequestBody body;
  private final Toll toll;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final Edge edge;
  private final Duration ssePing;
  private final long since;

  V1Endpoints(
      Vertx vertx,
      RequestBody body,
      Toll toll,
      TurnPeers peers,
      TurnStreams streams,
      Edge edge,
      Duration ssePing) {
    this.vertx = vertx;
    this.body = body;
    this.toll = toll;
    this.peers = peers;
    this.streams = streams;
    this.edge = edge;
    this.ssePing = ssePing;
    this.since = peers.node().clock().instant().getEpochSecond();
  }

  /** POST /v1/chat/completions. */
  void complete(Exchange exchange) {
    body.fields(exchange)
        .map(fields ->
            V1Request.parse(fields, Header.once(exchange.request(), V1Request.SESSION_HEADER)))
        .compose(request -> charge(exchange, request))
        .map(request -> {
          if (!exchange.isOver()) {
            answer(exchange, request);
          }
          return request;
        })
        .onFailure(exchange::fail);
  }

  /** GET /v1/models. */
  void models(Exchange exchange) {
    peers
        .models()
        .onSuccess(list -> exchange.json(200, OpenAiModels.list(list.models(), since)))
        .onFailure(exchange::fail);
  }

  /** GET /v1/models/{id}, where an id may hold slashes. */
  void model(Exchange exchange) {
    String id = PathSegment.model(exchange.request().path(), 2);
    peers
        .models()
        .map(list -> OpenAiModels.find(list.models(), id, since)
            .orElseThrow(() -> Fault.MODEL_NOT_AVAILABLE.because(
                "There is no such model here; GET /v1/models lists them.")))
        .onSuccess(model -> exchange.json(200, model))
        .onFailure(exchange::fail);
  }

  /** The first choice was paid for at the door. */
  private Future<V1Request> charge(Exchange exchange, V1Request request) {
    return request.choices() == 1
        ? Future.succeededFuture(request)
        : toll.chargeRest(exchange, request.choices(), "n").map(request);
  }

  private void answer(Exchange exchange, V1Request request) {
    exchange.observer().asks(request.model());
    if (request.session() == null) {
      choices(exchange, request);
    } else {
      turn(exchange, request);
    }
  }

  private void choices(Exchange exchange, V1Request request) {
    V1Choices choices = new V1Choices(
        request.order(exchange.tenant()),
        request.choices(),
        form(exchange, request),
        exchange.observer(),
        peers,
        streams);
    exchange.onGone(choices::leave);
    exchange.onRefused(choices::refuse);
    exchange.onWritable(choices::writable);
    choices.start();
  }

  private void turn(Exchange exchange, V1Request request) {
    TurnStream stream = streams.open(
        streams
            .turn(request.session(), exchange.caller(), request.userText(), request.model())
            .under(ChatEndpoints.key(exchange)),
        new V1Turn(form(exchange, request), request.model(), exchange.observer()));
    ChatEndpoints.start(exchange, stream);
  }

  private V1Answer form(Exchange exchange, V1Request request) {
    return request.streamed()
        ? new V1Stream(
            vertx,
            new SseResponse(vertx, exchange, ssePing, edge),
            exchange.clock().instant().getEpochSecond(),
            request.choices(),
            request.usageStreamed())
        : new V1Whole(exchange, request.choices());
  }
}
