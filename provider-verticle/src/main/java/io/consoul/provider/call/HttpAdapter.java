package io.consoul.provider.call;

import io.consoul.provider.BaseUrl;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Calls one provider over HTTP, whatever its format. */
public final class HttpAdapter implements ProviderAdapter {

  private final Vertx vertx;
  private final Upstream upstream;
  private final Watchdog watchdog;
  private final InstantSource clock;
  private final WireFormat format;
  private final MultiMap headers;

  /** Shared by its name: the limits hold for all instances of the JVM together. */
  private final HttpClient client;

  public HttpAdapter(
      Vertx vertx, Upstream upstream, WireFormat format, Watchdog watchdog, InstantSource clock) {
    this.vertx = vertx;
    this.upstream = upstream;
    this.watchdog = watchdog;
    this.clock = clock;
    this.format = format;
    this.headers = headers(upstream, format);
    // HTTP/1.1: a paused HTTP/2 stream would hold up the others of its connection.
    this.client = vertx.createHttpClient(
        new HttpClientOptions()
            .setShared(true)
            .setName("consoul.provider." + upstream.name())
            .setConnectTimeout((int) upstream.times().connect().toMillis())
            .setSslHandshakeTimeout(upstream.times().connect().toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setMaxHeaderSize(32 * 1024),
        new PoolOptions()
            .setHttp1MaxSize(upstream.pool().maxConnections())
            .setMaxWaitQueueSize(upstream.pool().maxWaiting()));
  }

  @Override
  public CompletionStream open(Completion completion, CompletionSink sink) {
    Failures failures = new Failures(upstream.name(), completion.model(), clock);
    HttpCall stream = new HttpCall(upstream, format, failures, watchdog, sink);
    vertx.runOnContext(now -> connect(completion, stream));
    return stream;
  }

  private void connect(Completion completion, HttpCall stream) {
    if (stream.isOver()) {
      return;
    }
    client
        .request(new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(upstream.baseUrl().of(format.endpoint(completion)))
            .setFollowRedirects(false)
            .setHeaders(headers))
        .onSuccess(request -> stream.send(request, format.body(completion)))
        .onFailure(stream::lost);
  }

  @Override
  public Future<Void> close() {
    return client.close();
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
