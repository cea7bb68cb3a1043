package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.gateway.RawHttp2.Frame;
import io.consoul.message.BeginTurn;
import io.consoul.trace.RequestContext;
import io.micrometer.core.instrument.Counter;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("HTTP/2")
class Http2Test {

  private static final int WINDOW = 65_535;
  private static final String CHAT = body("hi").encode();

  private static TestTls tls;

  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_2)
      .sslContext(TestTls.trustingAll())
      .build();
  private RunningGateway gateway;

  @BeforeAll
  static void makeCertificate(@TempDir Path folder) {
    tls = TestTls.in(folder);
  }

  @BeforeEach
  void start() {
    start(new JsonObject());
  }

  /** @param impatience only where it is needed: elsewhere a slow machine would try it */
  private void start(JsonObject impatience) {
    gateway = RunningGateway.start(impatience
        .put("tls", tls.config())
        .put("maxBodyBytes", 2_048)
        .put("cors", new JsonObject().put("origins", new JsonArray().add("https://a.example"))));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
  }

  private void restart(JsonObject impatience) {
    stop();
    start(impatience);
  }

  private static JsonObject sendTimeout(double seconds) {
    return new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", seconds));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port() + path))
        .timeout(Duration.ofSeconds(10));
  }

  private HttpRequest.Builder post(String path, String body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private RawHttp2 raw() {
    return RawHttp2.open(gateway.port(), WINDOW);
  }

  @Test
  @DisplayName("serves answers, streams and errors, and says nothing of connections")
  void serves() throws Exception {
    HttpResponse<String> whole = send(post("/chat", CHAT));
    assertThat(whole.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(whole.body()).getString("response")).isEqualTo("Hello");
    assertThat(whole.headers().map())
        .containsEntry("strict-transport-security", List.of("max-age=31536000"))
        .containsEntry("vary", List.of("Origin"))
        .doesNotContainKeys("connection", "transfer-encoding", "server");

    HttpResponse<String> stream = send(post("/chat/stream", CHAT));
    assertThat(stream.body()).contains("event: token", "event: done");

    HttpResponse<String> large = send(post("/chat", "x".repeat(100_000)));
    assertThat(large.statusCode()).isEqualTo(413);
    assertThat(large.body()).contains("\"code\":\"E006\"");
    assertThat(send(request("/chat")).statusCode()).isEqualTo(405);
    assertThat(send(request("/ws/chat/s1")).statusCode()).isEqualTo(426);
  }

  @Test
  @DisplayName("has many requests in progress on one connection")
  void concurrent() throws Exception {
    gateway.session.accepting();
    send(request("/health")); // its connection is there for the others
    List<CompletableFuture<HttpResponse<String>>> running = IntStream.range(0, 50)
        .mapToObj(i ->
            client.sendAsync(post("/chat", CHAT).build(), HttpResponse.BodyHandlers.ofString()))
        .toList();
    List<BeginTurn> begins = gateway.session.received().await(BeginTurn.class, 50);
    assertThat(gateway.edge.requests()).isEqualTo(50);
    begins.forEach(begin -> gateway.session.tell(begin, completed(begin, 0)));
    running.forEach(response ->
        assertThat(response.orTimeout(10, TimeUnit.SECONDS).join().statusCode()).isEqualTo(200));
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
  }

  @Test
  @DisplayName("has its host in a field of its own, which protected mode looks at")
  void authority() {
    try (RawHttp2 raw = raw()) {
      raw.get(1, "/sessions/unknown");
      assertThat(raw.headers(1).status()).asString().isNotEqualTo("403");
      byte[] block = RawHttp2.block("GET", "/sessions/unknown");
      byte[] foreign = new String(block, java.nio.charset.StandardCharsets.ISO_8859_1)
          .replace("localhost", "evil.test")
          .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      raw.head(3, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, foreign);
      assertThat(raw.headers(3).status()).asString().isEqualTo("403");
      byte[] loopback = new String(block, java.nio.charset.StandardCharsets.ISO_8859_1)
          .replace("localhost", "[::1]:443")
          .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      raw.head(5, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, loopback);
      assertThat(raw.headers(5).status()).asString().isNotEqualTo("403");
    }
  }

  @Test
  @DisplayName("answers HEAD as it would GET, without the body")
  void head() {
    try (RawHttp2 raw = raw()) {
      raw.head(1, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, RawHttp2.block("HEAD", "/health"));
      assertThat(raw.headers(1).getInt("content-length")).isGreaterThan(50);
      Frame end = raw.next(RawHttp2.DATA, 1);
      assertThat(end.ends()).isTrue();
      assertThat(end.payload()).isEmpty();
    }
  }

  @Test
  @DisplayName("takes no WebSockets and none of HTTP/1's headers")
  void forbidden() {
    try (RawHttp2 raw = raw()) {
      raw.head(
          1,
          RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
          RawHttp2.block("GET", "/ws/chat/s1", "connection", "upgrade", "upgrade", "websocket"));
      assertThat(raw.next(RawHttp2.RST_STREAM, 1).errorCode()).isEqualTo(1);
      raw.head(
          3,
          RawHttp2.END_HEADERS,
          RawHttp2.block("CONNECT", "/ws/chat/s1", ":protocol", "websocket"));
      assertThat(raw.next(RawHttp2.RST_STREAM, 3).errorCode()).isEqualTo(1);
      raw.get(5, "/health");
      assertThat(raw.headers(5).status()).asString().isEqualTo("200");
    }
  }

  @Test
  @DisplayName("answers before the body is there, and then does without the rest of it")
  void unreadBody() {
    restart(new JsonObject().put("bodyTimeoutSeconds", 0.3));
    try (RawHttp2 raw = raw()) {
      raw.head(
          1,
          RawHttp2.END_HEADERS,
          RawHttp2.block("POST", "/chat", "content-type", "application/json"));
      Http2Headers headers = raw.headers(1);
      assertThat(headers.status()).asString().isEqualTo("422");
      assertThat(raw.next(RawHttp2.DATA, 1).text()).contains("did not arrive");
      assertThat(raw.next(RawHttp2.RST_STREAM, 1).errorCode()).isZero();
      raw.get(3, "/health");
      assertThat(raw.headers(3).status()).asString().isEqualTo("200");
    }
  }

  @Test
  @DisplayName("has each request's own id go along with it, of several on one connection")
  void requestIds() throws Exception {
    Queue<String> ids = new ConcurrentLinkedQueue<>();
    gateway.session.onBegin(begin -> {
      ids.add(begin.text() + " " + RequestContext.current().requestId());
      return Future.failedFuture(Fault.SESSION_LOCKED.because());
    });
    List<CompletableFuture<HttpResponse<String>>> answers = Stream.of("a", "b", "c")
        .map(id -> client.sendAsync(
            post("/chat", RunningGateway.body(id).encode())
                .header("X-Request-ID", "of-" + id)
                .build(),
            HttpResponse.BodyHandlers.ofString()))
        .toList();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(409);
    }
    assertThat(ids).containsExactlyInAnyOrder("a of-a", "b of-b", "c of-c");
  }

  @Test
  @DisplayName("counts a request that its client gives up once, as one whose client has left")
  void givenUp() {
    gateway.session.accepting();
    try (RawHttp2 raw = raw()) {
      raw.post(1, "/chat/stream", CHAT);
      gateway.session.received().await(BeginTurn.class);
      raw.reset(1);
      await().until(() -> gateway.edge.requests() == 0);
    }
    await().untilAsserted(() -> assertThat(counted()).isEqualTo(Map.of("499", 1.0)));
  }

  /** Requests by their status. */
  private Map<String, Double> counted() {
    return gateway.node.meters().get("consoul_request").counters().stream()
        .filter(counter -> counter.count() > 0)
        .collect(Collectors.toMap(counter -> counter.getId().getTag("status"), Counter::count));
  }

  @Test
  @DisplayName("gives up one answer that its client does not take, and goes on with the others")
  void stalledStream() {
    restart(sendTimeout(1.5).put("keepAliveTimeoutSeconds", 2));
    try (RawHttp2 raw = RawHttp2.open(gateway.port(), 10)) {
      raw.get(1, "/health").post(3, "/chat/stream", CHAT);
      Set<Integer> given = new HashSet<>();
      Frame frame = raw.next();
      while (frame.type() != RawHttp2.GOAWAY) {
        if (frame.type() == RawHttp2.RST_STREAM) {
          assertThat(frame.errorCode()).isEqualTo(8);
          given.add(frame.stream());
        } else if (frame.type() == RawHttp2.PING) {
          raw.frame(RawHttp2.PING, 1, 0, frame.payload());
        }
        frame = raw.next();
      }
      assertThat(given).containsExactlyInAnyOrder(1, 3);
      assertThat(gateway.edge.requests()).isZero();
      // the connection lived on, and was told when it was idle for long
      assertThat(frame.errorCode()).isZero();
      raw.untilClosed();
    }
  }

  @Test
  @DisplayName("closes a connection of which nothing is taken")
  void stuckConnection() {
    restart(sendTimeout(0.4));
    try (RawHttp2 raw = RawHttp2.open(gateway.port(), 1 << 24)) {
      gateway.session.answering(
          begin -> List.of(delta(begin, 0, "x".repeat(16_000)), completed(begin, 16_000)));
      try {
        for (int stream = 1; stream < 80; stream += 2) {
          raw.post(stream, "/chat", CHAT);
        }
      } catch (java.io.UncheckedIOException closed) {
        // which is what is wanted
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(gateway.edge.httpConnections()).isZero());
      await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    }
  }

  @Test
  @DisplayName("closes a connection that says nothing after TLS, or says it drop by drop")
  void silence() {
    restart(new JsonObject().put("http", new JsonObject().put("headerTimeoutSeconds", 0.5)));
    try (RawHttp2 raw = RawHttp2.silent(gateway.port())) {
      assertThat(raw.protocol()).isEqualTo("h2");
      raw.untilClosed();
    }
    try (RawHttp2 raw = RawHttp2.silent(gateway.port())) {
      Iterator<Byte> drops = raw.greeting().iterator();
      await()
          .pollInterval(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(7))
          .until(() -> !raw.drop(drops.next()));
    }
  }

  @Test
  @DisplayName(
      "closes a connection that begins requests and gives them up over and over; others are served")
  void resetFlood() throws Exception {
    gateway.session.accepting();
    try (RawHttp2 raw = raw()) {
      Thread flood = new Thread(() -> {
        try {
          for (int stream = 1; stream < 4_000; stream += 2) {
            raw.post(stream, "/chat", CHAT).reset(stream);
          }
        } catch (java.io.UncheckedIOException closed) {
          // which is what is wanted
        }
      });
      flood.start();
      Frame goAway = raw.next(frame -> frame.type() == RawHttp2.GOAWAY);
      assertThat(goAway.errorCode()).isEqualTo(11);
      raw.untilClosed();
      flood.join(10_000);
    }
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    assertThat(gateway.session.received().all(BeginTurn.class).size()).isLessThanOrEqualTo(210);
    assertThat(send(request("/health")).statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("closes a connection whose headers never end")
  void continuationFlood() throws Exception {
    try (RawHttp2 raw = raw()) {
      raw.head(1, RawHttp2.END_STREAM, RawHttp2.block("GET", "/health"));
      try {
        for (int i = 0; i < 1_000; i++) {
          raw.frame(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
        }
      } catch (java.io.UncheckedIOException closed) {
        // which is what is wanted
      }
      raw.untilClosed();
    }
    assertThat(send(request("/health")).statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("refuses headers that are too large, and more streams than allowed")
  void limits() {
    try (RawHttp2 raw = raw()) {
      raw.head(
          1,
          RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
          RawHttp2.block("GET", "/health", "x", "y".repeat(9_000)));
      assertThat(raw.headers(1).status()).asString().isEqualTo("431");
      gateway.session.accepting();
      for (int stream = 3; stream < 3 + 2 * 101; stream += 2) {
        raw.post(stream, "/chat", CHAT);
      }
      Frame refused = raw.next(frame -> frame.type() == RawHttp2.RST_STREAM && frame.stream() > 1);
      assertThat(refused.errorCode()).isEqualTo(7);
    }
  }

  @Test
  @DisplayName("tells its clients to go elsewhere when the server stops, and finishes what it has")
  void drains() {
    gateway.session.accepting();
    try (RawHttp2 raw = raw()) {
      raw.post(1, "/chat", CHAT);
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      var stopping = gateway.stopping();
      Frame goAway = raw.next(frame -> frame.type() == RawHttp2.GOAWAY);
      assertThat(goAway.errorCode()).isZero();
      gateway.session.tell(begin, completed(begin, 0));
      assertThat(raw.headers(1).status()).asString().isEqualTo("200");
      assertThat(raw.next(RawHttp2.DATA, 1).text()).contains("\"finish_reason\"");
      raw.untilClosed();
      RunningGateway.get(stopping);
    }
  }

  @Test
  @DisplayName(
      "in a cluster still answers what a client sends that has not seen that it is to leave")
  void grace() {
    gateway.close();
    gateway = RunningGateway.startClustered(
        new JsonObject().put("tls", tls.config()).put("drainGraceSeconds", 30));
    gateway.session.answering(begin -> List.of(completed(begin, 0)));
    try (RawHttp2 raw = raw()) {
      gateway.node.drain().begin(Duration.ofSeconds(60));
      gateway.edge.drain();
      Frame goAway = raw.next(frame -> frame.type() == RawHttp2.GOAWAY);
      assertThat(goAway.errorCode()).isZero();
      raw.post(1, "/chat", CHAT);
      assertThat(raw.headers(1).status()).asString().isEqualTo("200");
    }
    gateway.node.drain().begin(Duration.ZERO); // its end is not waited for
  }
}
