package io.consoul.gateway;

/** POST /chat/batch: several messages in one request, in order or in parallel. */
final class BatchEndpoint {

  private final RequestBody body;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final GatewayMeters meters;

  BatchEndpoint(RequestBody body, TurnPeers peers, TurnStreams streams, GatewayMeters meters) {
    this.body = body;
    this.peers = peers;
    this.streams = streams;
    this.meters = meters;
  }

  void batch(Exchange exchange) {
    body.fields(exchange)
        .map(BatchRequest::parse)
        .onSuccess(request -> {
          if (!exchange.isOver()) {
            new BatchRun(exchange, request, peers, streams, meters).start();
          }
        })
        .onFailure(exchange::fail);
  }
}
