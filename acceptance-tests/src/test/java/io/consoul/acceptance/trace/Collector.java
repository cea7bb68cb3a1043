package io.consoul.acceptance.trace;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A collector of traces on this machine, which takes OTLP over HTTP and keeps the spans. */
final class Collector implements AutoCloseable {

  /**
   * One span, as far as tests ask.
   *
   * @param node the id of the process that it is of
   * @param events their names
   * @param links the traces that it is linked to
   */
  record Span(
      String trace,
      String id,
      String parent,
      String name,
      long kind,
      String service,
      String node,
      Map<String, String> attributes,
      List<String> events,
      List<String> links) {}

  static final int SERVER = 2;
  static final int CLIENT = 3;

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final StringBuffer raw = new StringBuffer();
  private final List<String> headers = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  Collector(Vertx vertx) throws Exception {
    server = vertx
        .createHttpServer(new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setHttp2ClearTextEnabled(false) // over which the server unpacks nothing
            .setDecompressionSupported(true))
        .requestHandler(this::take)
        .listen()
        .await(20, TimeUnit.SECONDS);
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  /** All that came, byte for byte. */
  String raw() {
    return raw.toString();
  }

  /** The header {@code collector-key} of each request. */
  List<String> keys() {
    return List.copyOf(headers);
  }

  @Override
  public void close() {
    server.close().await();
  }

  private void take(HttpServerRequest request) {
    request.body().onSuccess(body -> {
      headers.add(String.valueOf(request.getHeader("collector-key")));
      if ("/v1/traces".equals(request.path())) {
        raw.append(new String(body.getBytes(), StandardCharsets.ISO_8859_1));
        new ProtoReader(body.getBytes()).messages(1).forEach(this::ofResource);
      }
      request.response().putHeader("Content-Type", "application/x-protobuf").end();
    });
  }

  private void ofResource(ProtoReader ofResource) {
    Map<String, String> resource = attributes(ofResource.messages(1).get(0), 1);
    ofResource.messages(2).stream()
        .flatMap(scope -> scope.messages(2).stream())
        .map(span -> new Span(
            span.hex(1),
            span.hex(2),
            span.hex(4),
            span.text(5),
            span.number(6),
            resource.get("service.name"),
            resource.get("service.instance.id"),
            attributes(span, 9),
            span.messages(11).stream().map(event -> event.text(2)).toList(),
            span.messages(13).stream().map(link -> link.hex(1)).toList()))
        .forEach(spans::add);
  }

  private static Map<String, String> attributes(ProtoReader of, int field) {
    Map<String, String> attributes = new TreeMap<>();
    of.messages(field)
        .forEach(each -> attributes.put(each.text(1), value(each.messages(2).get(0))));
    return attributes;
  }

  private static String value(ProtoReader any) {
    if (any.has(5)) {
      return any.messages(5).get(0).messages(1).stream()
          .map(Collector::value)
          .toList()
          .toString();
    }
    if (any.has(4)) {
      return Double.toString(Double.longBitsToDouble(any.number(4)));
    }
    return any.has(1) ? any.text(1) : Long.toString(any.number(3));
  }
}
