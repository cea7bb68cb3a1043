package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayName("TLS")
class TlsTest {

  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .sslContext(TestTls.trustingAll())
      .build();

  @TempDir
  Path folder;

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    start(new JsonObject());
  }

  private void start(JsonObject json) {
    gateway = RunningGateway.start(
        json.put("tls", TestTls.in(folder).config().put("reloadSeconds", 0.2)));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("https://localhost:" + gateway.port() + path))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  @DisplayName("carries HTTP/1.1 and WebSockets, and browsers are told to insist on it")
  void serves() throws Exception {
    HttpResponse<String> answer = get("/health");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().map())
        .containsEntry("strict-transport-security", List.of("max-age=31536000"));
    try (TestSocket socket =
        TestSocket.open(client, "wss://localhost:" + gateway.port() + "/ws/chat/s1")) {
      socket.send(new JsonObject().put("type", "ping"));
      assertThat(socket.next().getString("type")).isEqualTo("pong");
    }
  }

  @Test
  @DisplayName("does not let the head of a request dribble in")
  void slowHead() throws IOException {
    stop();
    // A read is given up sooner than an idle connection.
    start(new JsonObject().put("http", new JsonObject().put("headerTimeoutSeconds", 0.4)));
    try (SSLSocket socket = TestTls.socket(gateway.port(), "http/1.1")) {
      socket.getOutputStream().write("GET /hea".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  @DisplayName("is spoken with a renewed certificate without a restart, and not with half of one")
  void renewal() throws Exception {
    Certificate first = shown();
    Path cert = folder.resolve("cert.pem");
    String whole = java.nio.file.Files.readString(cert);
    java.nio.file.Files.writeString(cert, "half");
    await().pollDelay(Duration.ofMillis(600)).until(() -> true);
    assertThat(shown()).isEqualTo(first);
    java.nio.file.Files.writeString(cert, whole);

    TestTls.another(folder);
    await().untilAsserted(() -> assertThat(shown()).isNotEqualTo(first));
    assertThat(get("/health").statusCode()).isEqualTo(200);
    try (RawHttp2 raw = RawHttp2.silent(gateway.port())) {
      assertThat(raw.protocol()).isEqualTo("h2");
    }
  }

  @Test
  @DisplayName("says that its certificate was renewed once, however many instances the node has")
  void renewedOnce() throws Exception {
    gateway.deployAnother();
    gateway.deployAnother();
    Logger logger = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
    logger.setLevel(Level.DEBUG);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      TestTls.another(folder);

      // Its two files may have been seen one after the other, and taken over twice.
      await().until(() -> {
        List<Level> said = renewals(log);
        long loud = said.stream().filter(Level.INFO::equals).count();
        return loud > 0 && said.size() == 3 * loud;
      });
    } finally {
      logger.detachAppender(log);
      logger.setLevel(null);
    }
  }

  private static List<Level> renewals(ListAppender<ILoggingEvent> log) {
    List<ILoggingEvent> lines;
    synchronized (log) { // as it is while it gets another one
      lines = List.copyOf(log.list);
    }
    return lines.stream()
        .filter(line -> line.getFormattedMessage().equals("the renewed TLS certificate is in use"))
        .map(ILoggingEvent::getLevel)
        .toList();
  }

  private Certificate shown() throws IOException {
    try (SSLSocket socket = TestTls.socket(gateway.port(), "http/1.1")) {
      return socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  @DisplayName("of a trusted proxy counts as the client's")
  void proxied() {
    try (RunningGateway behind = RunningGateway.start(new JsonObject()
        .put("allowAnonymous", true)
        .put("trustedProxies", new JsonArray().add("127.0.0.0/8").add("::1")))) {
      assertThat(behind
              .send(behind.request("/health").header("X-Forwarded-Proto", "https"))
              .headers()
              .firstValue("strict-transport-security"))
          .isPresent();
      assertThat(behind
              .send(behind.request("/health").header("X-Forwarded-Proto", "http"))
              .headers()
              .firstValue("strict-transport-security"))
          .isEmpty();
    }
  }
}
