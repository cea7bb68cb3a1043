package io.consoul.gateway;

/** POST /chat/batch: several messages in one request, in order or in parallel. */
final class BatchEndpoint {

  private final RequestBody body;
  private final TurnPeers peers;
  private final TurnStreams streams;

  BatchEndpoint(RequestBody body, TurnPeers peers, TurnStreams streams) {
    this.body = body;
    this.peers = peers;
    this.streams = streams;
  }

  void batch(Exchange exchange) {
    body.fields(exchange)
        .map(BatchRequest::parse)
        .onSuccess(request -> {
          if (!exchange.isOver()) {
            new BatchRun(exchange, request, peers, streams).start();
          }
        })
        .onFailure(exchange::fail);
  }
}
