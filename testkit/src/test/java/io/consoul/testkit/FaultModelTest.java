package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The faults that the fake provider has by name")
class FaultModelTest {

  private final ManualClock clock = new ManualClock();
  private FakeProvider fake;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    fake = FakeProvider.start(vertx, 0, clock).await(20, SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    fake.close().await(20, SECONDS);
  }

  @Test
  @DisplayName("come once for each question, also when the answer is to be gone on with")
  void once() {
    assertThat(ask("fault-500-once", said("hi")).status()).isEqualTo(500);
    assertThat(ask("fault-500-once", said("hi")).text()).contains("\"content\":\"You said: hi\"");
    assertThat(ask("fault-500-once", said("other")).status()).isEqualTo(500);
    assertThat(
            ask("fault-500-once", said("other") + ",{\"role\":\"assistant\",\"content\":\"You\"}")
                .text())
        .contains("\"content\":\" said: other\"");
    assertThat(ask("fault-500-once", said("hi") + "," + said("hi")).status()).isEqualTo(500);
  }

  @Test
  @DisplayName("take a measure behind their name")
  void measured() {
    fake.pace(Duration.ZERO);
    try (RawClient client = RawClient.connect(fake.port())) {
      client.post("/api/chat", chat("fault-cut-3", said("hi you")).replace("false", "true"));

      assertThat(client.readUntilClosed())
          .contains("\"You\"", "\" said:\"", "\" hi\"")
          .doesNotContain("\" you\"");
    }
    assertThat(ask("fault-slow-first-0", said("hi")).status()).isEqualTo(200);
    assertThat(ask("fault-500-3", said("hi")).status()).isEqualTo(404);
    assertThat(FaultModel.named("fault-slow-first-60")).contains(FaultModel.SLOW_FIRST);
    assertThat(FaultModel.named("fault-cut-once-4")).contains(FaultModel.CUT_ONCE);
  }

  @Test
  @DisplayName("are over after some time where that is what they are")
  void flaps() {
    clock.advance(Duration.ofHours(1));
    assertThat(ask("fault-flap-5s", said("hi")).status()).isEqualTo(503);
    clock.advance(Duration.ofMillis(4_999));
    assertThat(ask("fault-flap-5s", said("hi")).status()).isEqualTo(503);
    clock.advance(Duration.ofMillis(1));
    assertThat(ask("fault-flap-5s", said("hi")).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("reset the connection instead of closing it")
  void reset() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", fake.port())) {
      socket.setSoTimeout(30_000);
      String body = chat("fault-reset", said("hi"));
      socket
          .getOutputStream()
          .write(("POST /api/chat HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length()
                  + "\r\n\r\n" + body)
              .getBytes(US_ASCII));

      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  @DisplayName("compress the body of a refusal")
  void gzip() throws IOException {
    HttpAnswer answer = ask("fault-gzip-error", said("hi"));

    assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
    try (GZIPInputStream plain =
        new GZIPInputStream(new ByteArrayInputStream(answer.body().getBytes()))) {
      assertThat(new JsonObject(new String(plain.readAllBytes(), UTF_8)).getString("error"))
          .startsWith("server busy");
    }
  }

  @Test
  @DisplayName("say when to ask again in seconds, in milliseconds or with a date")
  void hints() {
    assertThat(ask("fault-429", said("hi")).header("Retry-After")).isEqualTo("1");
    assertThat(ask("fault-429-ms", said("hi")).header("retry-after-ms")).isEqualTo("250");
    assertThat(ask("fault-429-date", said("hi")).header("Retry-After")).endsWith(" GMT");
    assertThat(ask("fault-429-bare", said("hi")).header("Retry-After")).isNull();
  }

  @Test
  @DisplayName("stall for a while before they cut")
  void stallsThenCuts() {
    fake.answer(Script.text("a", "b").stallAfter(1, Duration.ofMillis(150)));
    long begun = System.nanoTime();
    try (RawClient client = RawClient.connect(fake.port())) {
      client.post("/api/chat", chat("x", said("hi")).replace("false", "true"));

      assertThat(client.readUntilClosed()).contains("\"a\"").doesNotContain("\"b\"");
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(150));
    }
  }

  @Test
  @DisplayName("cut characters in their middle")
  void splitsCharacters() {
    try (RawClient client = RawClient.connect(fake.port())) {
      client
          .post("/api/chat", chat("fault-emoji", said("hi")).replace("false", "true"))
          .readHead();
      String chunk = client.awaitText("\r\n");
      for (byte[] bytes = new byte[0]; !chunk.equals("0\r\n"); chunk = client.awaitText("\r\n")) {
        bytes = client.read(Integer.parseInt(chunk.strip(), 16));
        client.read(2);
        if (new String(bytes, UTF_8).contains("\uFFFD")) {
          return;
        }
      }
    }
    throw new AssertionError("no write has ended within a character");
  }

  private HttpAnswer ask(String model, String messages) {
    try (RawClient client = RawClient.connect(fake.port())) {
      return client.post("/api/chat", chat(model, messages)).answer();
    }
  }

  private static String chat(String model, String messages) {
    return "{\"model\":\"" + model + "\",\"stream\":false,\"messages\":[" + messages + "]}";
  }

  private static String said(String text) {
    return "{\"role\":\"user\",\"content\":\"" + text + "\"}";
  }
}
