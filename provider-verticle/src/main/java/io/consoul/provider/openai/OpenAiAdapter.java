package io.consoul.provider.openai;

import io.consoul.provider.BaseUrl;
import io.consoul.provider.Completion;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.CompletionStream;
import io.consoul.provider.ProviderAdapter;
import io.consoul.provider.Upstream;
import io.consoul.provider.Watchdog;
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

/** Calls OpenAI's chat completions API, or that of a server which speaks the same. */
public final class OpenAiAdapter implements ProviderAdapter {

  private final Vertx vertx;
  private final Upstream upstream;
  private final Watchdog watchdog;
  private final InstantSource clock;
  private final RequestWriter writer;
  private final MultiMap headers;

  /** Shared by its name: the limits hold for all instances of the JVM together. */
  private final HttpClient client;

  public OpenAiAdapter(Vertx vertx, Upstream upstream, Watchdog watchdog, InstantSource clock) {
    this.vertx = vertx;
    this.upstream = upstream;
    this.watchdog = watchdog;
    this.clock = clock;
    this.writer = new RequestWriter(upstream.baseUrl().isOpenAi());
    this.headers = headers(upstream);
    // HTTP/1.1: a paused HTTP/2 stream would hold up the others of its connection.
    this.client = vertx.createHttpClient(
        new HttpClientOptions()
            .setShared(true)
            .setName("consoul.provider." + upstream.name())
            .setConnectTimeout((int) upstream.connectTimeout().toMillis())
            .setSslHandshakeTimeout(upstream.connectTimeout().toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setMaxHeaderSize(32 * 1024),
        new PoolOptions()
            .setHttp1MaxSize(upstream.maxConnections())
            .setMaxWaitQueueSize(upstream.maxWaiting()));
  }

  @Override
  public CompletionStream open(Completion completion, CompletionSink sink) {
    FaultReader faults = new FaultReader(upstream.name(), completion.model(), clock);
    OpenAiStream stream = new OpenAiStream(upstream, faults, watchdog, sink);
    vertx.runOnContext(now -> connect(completion, stream));
    return stream;
  }

  private void connect(Completion completion, OpenAiStream stream) {
    if (stream.isOver()) {
      return;
    }
    client
        .request(new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(upstream.baseUrl().of("/chat/completions"))
            .setFollowRedirects(false)
            .setHeaders(headers))
        .onSuccess(request -> stream.send(request, writer.write(completion)))
        .onFailure(stream::lost);
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  private static MultiMap headers(Upstream upstream) {
    MultiMap headers = HttpHeaders.headers()
        .set(HttpHeaders.CONTENT_TYPE, "application/json")
        .set(HttpHeaders.ACCEPT, "text/event-stream")
        .set(HttpHeaders.USER_AGENT, "consoul");
    BaseUrl baseUrl = upstream.baseUrl();
    if (upstream.apiKey() != null) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + upstream.apiKey().reveal());
    } else if (baseUrl.credentials() != null) {
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
