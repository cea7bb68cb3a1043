package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RawClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayName("An API key is seen nowhere")
class KeySecrecyTest {

  private static final String GOOD = "sk-good-0123456789";
  private static final String EXPIRED = "sk-late-0123456789";
  private static final String WRONG = "sk-none-0123456789";

  /**
   * Those who see requests. The level that can be set is ours; the libraries are always at WARN. (At TRACE, vertx-web logs
   * URLs with their query.)
   */
  private static final Map<String, Level> LOGGERS = Map.of(
      "io.consoul", Level.TRACE,
      "io.vertx", Level.DEBUG,
      "io.netty.handler.codec.http", Level.DEBUG);

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @TempDir
  private Path conf;

  @BeforeEach
  void listen() {
    log.start();
    loggers().forEach(logger -> {
      logger.setLevel(LOGGERS.get(logger.getName()));
      logger.setAdditive(false);
      logger.addAppender(log);
    });
  }

  @AfterEach
  void listenNoMore() {
    loggers().forEach(logger -> {
      logger.detachAppender(log);
      logger.setAdditive(true);
      logger.setLevel(null);
    });
  }

  private static Stream<Logger> loggers() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    return LOGGERS.keySet().stream().map(context::getLogger);
  }

  @Test
  @DisplayName("not in the log at any level, not in an answer, not in a metric")
  void nowhere() throws Exception {
    try (RunningServer server = new RunningServer(
        conf,
        Map.of(
            "CONSOUL_API_KEYS",
            "[\"" + GOOD + "\",{\"key\":\"" + EXPIRED
                + "\",\"expires_at\":\"2020-01-01T00:00:00Z\"}]"))) {
      StringBuilder seen = new StringBuilder();
      for (String key : List.of(GOOD, EXPIRED, WRONG)) {
        for (HttpAnswer answer : List.of(
            server.client.chat("me", "Hello", Map.of("X-API-Key", key)),
            server.client.chat("me", "Hello", Map.of("Authorization", "Bearer " + key)),
            server.client.chat("me", "Hello", Map.of("Authorization", key)),
            server.client.get("/sessions?limit=x&api_key=" + key),
            server.client.get("/nowhere?api_key=" + key))) {
          seen.append(answer.headers()).append(answer.text());
        }
        for (String offered : List.of("consoul.v1, api-key." + key, "api-key." + key)) {
          seen.append(upgraded(server.port, offered));
        }
      }
      String metrics = HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create(server.metrics())).build(), BodyHandlers.ofString())
          .body();

      assertThat(metrics)
          .containsPattern("consoul_api_key_requests_total\\{api_key_id=\"key-[0-9a-f]{8}\"} [1-9]")
          .containsPattern(
              "consoul_api_key_last_used_timestamp\\{api_key_id=\"key-[0-9a-f]{8}\"} 0\\.0")
          .doesNotContain("0123456789");
      assertThat(seen.toString()).contains("E011", "E012").doesNotContain("0123456789");
    }
    assertThat(log.list).isNotEmpty();
    assertThat(log.list.stream().map(KeySecrecyTest::text))
        .noneMatch(line -> line.contains("0123456789"));
  }

  /** The head of what an upgrade is answered, by a client of ours that does not log. */
  private static String upgraded(int port, String protocols) throws Exception {
    try (RawClient raw = RawClient.connect(port)) {
      return raw.send("GET /ws/chat/me HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
              + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + protocols + "\r\n\r\n")
          .readHead();
    }
  }

  private static String text(ILoggingEvent event) {
    return event.getFormattedMessage()
        + (event.getThrowableProxy() == null ? "" : event.getThrowableProxy().getMessage());
  }
}
