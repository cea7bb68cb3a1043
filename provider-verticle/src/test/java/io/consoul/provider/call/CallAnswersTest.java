package io.consoul.provider.call;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.provider.UpstreamFailure.Cause;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What a provider answers over HTTP")
class CallAnswersTest {

  private static final String GOOD = Peer.event("a") + Peer.closing();

  private final Peer peer = new Peer();
  private CallStage stage = new CallStage(peer.port());
  private Instance instance;

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @Test
  @DisplayName("is understood when it is an error in gzip, which nobody has asked for")
  void gzipError() {
    String error = "{\"error\":{\"code\":\"context_length_exceeded\"}}";
    peer.on(
        "x",
        request -> request
            .response()
            .setStatusCode(400)
            .putHeader("Content-Type", "application/json")
            .putHeader("Content-Encoding", "gzip")
            .end(gzip(error)));
    assertThat(ask().cause()).isEqualTo(Cause.TOO_LONG);
    assertThat(peer.awaitRequest("x").getHeader("Accept-Encoding")).isNull();
    assertNothingLeft();
  }

  @Test
  @DisplayName("is garbled when the stream is encoded")
  void gzipStream() {
    peer.on(
        "x",
        request -> Peer.begin(request).putHeader("Content-Encoding", "gzip").end(gzip(GOOD)));
    assertThat(ask().cause()).isEqualTo(Cause.GARBLED);
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text/event-stream", "TEXT/Event-Stream; charset=utf-8"})
  @DisplayName("is read as the stream if it says so, or does not say what it is")
  void contentType(String type) {
    peer.on("x", request -> {
      HttpServerResponse response = Peer.begin(request);
      response.headers().remove("Content-Type");
      if (!type.isEmpty()) {
        response.putHeader("Content-Type", type);
      }
      response.end(GOOD);
    });
    assertThat(ask().whole()).isEqualTo("a");
    assertNothingLeft();
  }

  @Test
  @DisplayName("is garbled when it is a web page")
  void webPage() {
    peer.on(
        "x",
        request -> Peer.begin(request).putHeader("Content-Type", "text/html").end("<p>data: no"));
    assertThat(ask().cause()).isEqualTo(Cause.GARBLED);
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204})
  @DisplayName("has ended early when there is nothing of it")
  void empty(int status) {
    peer.on(
        "x",
        request -> request
            .response()
            .setStatusCode(status)
            .putHeader("Content-Type", "application/json")
            .end());
    assertThat(ask().cause()).isEqualTo(Cause.CUT);
    assertNothingLeft();
  }

  @Test
  @DisplayName("may end with its connection, as in HTTP/1.0")
  void untilClose() {
    stage(
        new RawServer("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + GOOD), () -> {
          assertThat(ask().whole()).isEqualTo("a");
          assertNothingLeft();
        });
  }

  @Test
  @DisplayName("is cut when its connection ends before it does")
  void cut() {
    stage(
        new RawServer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5\r\ndata:"),
        () -> {
          assertThat(ask().cause()).isEqualTo(Cause.CUT);
          assertNothingLeft();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "220 mail.example.com ESMTP\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: %LONG%\r\n\r\n"
      })
  @DisplayName("is garbled when it is no HTTP")
  void noHttp(String bytes) {
    stage(new RawServer(bytes.replace("%LONG%", "x".repeat(40_000))), () -> {
      assertThat(ask().cause()).isEqualTo(Cause.GARBLED);
      assertNothingLeft();
    });
  }

  @Test
  @DisplayName("is none, and worth another try, when the connection ends before it")
  void closed() {
    stage(new RawServer(""), () -> {
      assertThat(ask().cause()).isEqualTo(Cause.UNREACHABLE);
      assertNothingLeft();
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  @DisplayName("is not followed when it is a redirect, which could carry the key elsewhere")
  void redirect(int status) {
    try (Peer elsewhere = new Peer()) {
      peer.on(
          "x",
          request -> request
              .response()
              .setStatusCode(status)
              .putHeader(
                  "Location", "http://127.0.0.1:" + elsewhere.port() + "/v1/chat/completions")
              .end());
      assertThat(ask().cause()).isEqualTo(Cause.UNAUTHORIZED);
      assertThat(elsewhere.connections()).isZero();
      assertNothingLeft();
    }
  }

  @Test
  @DisplayName("is garbled from a line of 2 MiB on, and what came before it counts")
  void longLine() {
    peer.on(
        "x",
        request ->
            Peer.begin(request).end(Peer.event("a") + Peer.event("x".repeat(2 << 20)) + GOOD));
    Answer answer = ask();
    assertThat(answer.cause()).isEqualTo(Cause.GARBLED);
    assertThat(answer.text()).isEqualTo("a");
    assertNothingLeft();
  }

  @Test
  @DisplayName("ends the call as our defect when it breaks what should read it")
  void brokenReader() {
    stage.format(new BrokenFormat());
    peer.on("refused", request -> request.response().setStatusCode(500).end("no"));
    instance = stage.instance();
    assertThat(instance.ask("refused").cause()).isEqualTo(Cause.BROKEN);
    assertThat(instance.ask("x").cause()).isEqualTo(Cause.BROKEN);
    assertThat(instance.ask("unwritable").cause()).isEqualTo(Cause.BROKEN);
    assertThat(peer.asked()).containsExactly("refused", "x");
    assertNothingLeft();
  }

  private Answer ask() {
    instance = stage.instance();
    return instance.ask("x");
  }

  private void stage(RawServer server, Runnable test) {
    try (server) {
      stage.close();
      stage = new CallStage(server.port());
      test.run();
    }
  }

  private void assertNothingLeft() {
    stage.awaitNothingLeft(instance);
  }

  private static Buffer gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(US_ASCII));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return Buffer.buffer(bytes.toByteArray());
  }
}
