package io.consoul.gateway;

/** POST /chat/batch: several messages in one request, in order or in parallel. */
final class BatchEndpoint {

  private final RequestBody body;
  private final TurnStreams streams;

  BatchEndpoint(RequestBody body, TurnStreams streams) {
    this.body = body;
    this.streams = streams;
  }

  void batch(Exchange exchange) {
    body.read(exchange)
        .map(BatchRequest::parse)
        .onSuccess(request -> {
          if (!exchange.isOver()) {
            new BatchRun(exchange, request, streams).start();
          }
        })
        .onFailure(exchange::fail);
  }
}
