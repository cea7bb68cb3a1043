package io.consoul.gateway;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;

/** POST /chat/batch: several messages in one request, in order or in parallel. */
final class BatchEndpoint {

  private final RequestBody body;
  private final Toll toll;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final GatewayMeters meters;

  BatchEndpoint(
      RequestBody body, Toll toll, TurnPeers peers, TurnStreams streams, GatewayMeters meters) {
    this.body = body;
    this.toll = toll;
    this.peers = peers;
    this.streams = streams;
    this.meters = meters;
  }

  void batch(Exchange exchange) {
    body.fields(exchange)
        .map(BatchRequest::parse)
        .transform(parsed -> charge(exchange, parsed))
        .onSuccess(request -> {
          if (!exchange.isOver()) {
            new BatchRun(exchange, request, peers, streams, meters).start();
          }
        })
        .onFailure(exchange::fail);
  }

  /** The whole batch before any of it runs; one that is malformed costs as much as any other request. */
  private Future<BatchRequest> charge(Exchange exchange, AsyncResult<BatchRequest> parsed) {
    return parsed.succeeded()
        ? toll.charge(exchange, parsed.result().messages().size(), "messages").map(parsed.result())
        : toll.charge(exchange, 1, null).compose(charged -> Future.failedFuture(parsed.cause()));
  }
}
