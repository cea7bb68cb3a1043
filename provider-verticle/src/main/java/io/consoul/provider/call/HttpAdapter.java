package io.consoul.provider.call;

import io.consoul.node.Node;
import io.consoul.provider.BaseUrl;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Calls one provider over HTTP, whatever its format. */
public final class HttpAdapter implements ProviderAdapter {

  private final Vertx vertx;
  private final Context context;
  private final Line line;
  private final Set<HttpCall> calls = new HashSet<>();
  private boolean closed;

  /** To be made and used on the event loop of one verticle instance. */
  public HttpAdapter(
      Vertx vertx, Upstream upstream, WireFormat format, Watchdog watchdog, Node node) {
    this(vertx, upstream, format, watchdog, node, HttpSettings.client(upstream), Grace.USUAL);
  }

  HttpAdapter(
      Vertx vertx,
      Upstream upstream,
      WireFormat format,
      Watchdog watchdog,
      Node node,
      HttpClientOptions options,
      Grace grace) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    Trunk trunk = Trunks.join(vertx, upstream, node.meters());
    HttpClient client = vertx
        .httpClientBuilder()
        .with(options.setName(trunk.name()))
        .with(HttpSettings.pool(upstream.pool()))
        .withConnectHandler(trunk.connections()::opened)
        .build();
    this.line = new Line(
        upstream,
        format,
        headers(upstream, format),
        context,
        client,
        trunk,
        new CallMeters(upstream, node.meters()),
        watchdog,
        grace,
        node.clock());
  }

  @Override
  public CompletionStream open(Completion completion, CompletionSink sink) {
    HttpCall call = new HttpCall(line, completion, sink, calls::remove);
    calls.add(call);
    context.runOnContext(now -> call.begin());
    return call;
  }

  /** Ends what is still under way, without a word to its sinks: it would keep what other instances share. */
  @Override
  public Future<Void> close() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    List.copyOf(calls).forEach(HttpCall::close);
    // In this order, so that whoever joins meanwhile has no client whose connections are another
    // trunk's.
    Future<Void> end = line.client().close();
    Trunks.leave(vertx, line.upstream(), line.trunk());
    return end;
  }

  private static MultiMap headers(Upstream upstream, WireFormat format) {
    MultiMap headers = HttpHeaders.headers()
        .set(HttpHeaders.CONTENT_TYPE, "application/json")
        .set(HttpHeaders.USER_AGENT, "consoul");
    BaseUrl baseUrl = upstream.baseUrl();
    format.headers(headers, upstream.apiKey());
    if (upstream.apiKey() == null && baseUrl.credentials() != null) {
      byte[] credentials = baseUrl.credentials().reveal().getBytes(StandardCharsets.UTF_8);
      headers.set(
          HttpHeaders.AUTHORIZATION, "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    upstream
        .headers()
        .forEach(header -> headers.set(header.name(), header.value().reveal()));
    return headers;
  }
}
