package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.TlsCertificate;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Calls over HTTP/2")
class CallHttp2Test {

  private static final Duration SHORT = Duration.ofMillis(300);

  private static TlsCertificate certificate;

  private Peer peer;
  private CallStage stage;

  @BeforeAll
  static void makeCertificate(@TempDir Path folder) {
    certificate = TlsCertificate.make(folder, "ip:127.0.0.1");
  }

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @ParameterizedTest(name = "with TLS {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("share few connections and run at the same time")
  void shared(boolean tls) {
    start(tls, options());
    Instance instance = stage.slots(100, 0).instance();
    peer.otherwise(request -> {});
    List<Answer> answers = ask(instance, 60);
    await().until(() -> peer.asked().size() == 60);
    assertThat(stage.gauge("in_use")).isEqualTo(60);
    assertThat(peer.connections()).isLessThanOrEqualTo(2);
    assertThat(peer.awaitRequest("0").version()).isEqualTo(HttpVersion.HTTP_2);
    for (int i = 0; i < 60; i++) {
      peer.release("" + i);
    }
    answers.forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
    stage.awaitNothingLeft(instance);
    assertThat(stage.gauge("idle")).isEqualTo(peer.connections());
  }

  @ParameterizedTest(name = "with TLS {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("do not notice when the server resets one of them")
  void reset(boolean tls) {
    start(tls, options());
    Instance instance = stage.instance();
    instance.ask("first").whole();
    peer.on("bad", request -> Peer.begin(request).write(Peer.event("a")));
    peer.on("worse", request -> request.response().reset(7));
    peer.on("good", request -> Peer.begin(request).write(Peer.event("a")));
    Answer good = instance.ask("good");
    Answer bad = instance.ask("bad");
    await().until(() -> good.text().equals("a") && bad.text().equals("a"));
    peer.awaitRequest("bad").response().reset(2);
    assertThat(bad.cause()).isEqualTo(Cause.CUT);
    assertThat(instance.ask("worse").cause()).isEqualTo(Cause.UNREACHABLE);
    peer.awaitRequest("good").response().end(Peer.event("b") + Peer.closing());
    assertThat(good.whole()).isEqualTo("ab");
    assertThat(peer.connections()).isEqualTo(1);
    stage.awaitNothingLeft(instance);
  }

  @ParameterizedTest(name = "with TLS {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("go on while others are paused with as much on its way as there may be")
  void paused(boolean tls) {
    start(tls, options());
    Instance instance = stage.slots(60, 0).instance();
    instance.ask("first").whole();
    peer.otherwise(request -> Peer.begin(request).write(Peer.event("a")));
    List<Answer> paused = ask(instance, 49);
    await().until(() -> paused.stream().allMatch(answer -> answer.text().equals("a")));
    paused.forEach(Answer::pause);
    String piece = Peer.event("x".repeat(16 * 1024));
    List<HttpServerResponse> responses = IntStream.range(0, 49)
        .mapToObj(i -> peer.awaitRequest("" + i).response())
        .toList();
    responses.forEach(response -> pump(response, piece));
    await().until(() -> responses.stream().allMatch(HttpServerResponse::writeQueueFull));
    String much = "y".repeat(900_000);
    peer.on("other", request -> Peer.begin(request).end(Peer.event(much) + Peer.closing()));
    assertThat(instance.ask("other").whole()).isEqualTo(much);
    assertThat(peer.connections()).isEqualTo(1);
    paused.forEach(Answer::cancel);
    stage.awaitNothingLeft(instance);
  }

  @Test
  @DisplayName("that a server has no room for are refused in time, and leave no place taken")
  void fewStreams() {
    start(false, options().setInitialSettings(new Http2Settings().setMaxConcurrentStreams(2)));
    Instance instance = stage.slots(20, 0).connect(Duration.ofSeconds(1)).instance();
    instance.ask("first").whole();
    peer.otherwise(request -> {});
    List<Answer> answers = ask(instance, 12);
    await().until(() -> answers.stream().filter(Answer::isOver).count() == 8);
    answers.stream()
        .filter(Answer::isOver)
        .forEach(answer -> assertThat(answer.cause()).isEqualTo(Cause.BUSY));
    await().until(() -> stage.gauge("in_use") == 4);
    answers.stream().filter(answer -> !answer.isOver()).forEach(Answer::cancel);
    stage.awaitNothingLeft(instance);
    peer.otherwise(Peer::whole);
    ask(instance, 4).forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
  }

  @Test
  @DisplayName("use HTTP/1.1 where the server knows no other")
  void noHttp2() {
    start(true, options().setAlpnVersions(List.of(HttpVersion.HTTP_1_1)));
    Instance instance = stage.slots(3, 0).instance();
    peer.otherwise(request -> {});
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answers.add(instance.ask("" + i));
      assertThat(peer.awaitRequest("" + i).version()).isEqualTo(HttpVersion.HTTP_1_1);
    }
    for (int i = 0; i < 3; i++) {
      peer.release("" + i);
    }
    answers.forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
    stage.awaitNothingLeft(instance);
  }

  @Test
  @DisplayName("do not reach a server whose certificate nobody vouches for")
  void untrusted() {
    start(true, options());
    stage.close();
    stage = new CallStage("https://127.0.0.1:" + peer.port()).http2();
    Instance instance = stage.instance();
    assertThat(instance.ask("x").cause()).isEqualTo(Cause.UNREACHABLE);
    assertThat(peer.asked()).isEmpty();
    stage.awaitNothingLeft(instance);
  }

  @Test
  @DisplayName("give up a connection that has died unnoticed, so that it swallows no more of them")
  void deadConnection() {
    start(false, options());
    stage.close();
    try (CutProxy router = CutProxy.to(peer.port())) {
      stage = new CallStage(router.port()).http2();
      Instance instance = stage.grace(SHORT, SHORT, SHORT).instance();
      Instance hasty = stage.firstByte(SHORT).instance();
      instance.ask("first").whole();
      router.forgetConnections();
      assertThat(hasty.ask("swallowed").cause()).isEqualTo(Cause.SILENT);
      await().until(() -> stage.gauge("idle") == 0);
      assertThat(instance.ask("next").whole()).isEqualTo("ok");
      assertThat(peer.asked()).containsExactly("first", "next");
      stage.awaitNothingLeft(instance);
    }
  }

  @Test
  @DisplayName("keep a connection on which only one of them was silent")
  void liveConnection() {
    start(false, options());
    Instance instance = stage.instance();
    Instance hasty = stage.firstByte(SHORT).instance();
    peer.on("good", request -> Peer.begin(request).write(Peer.event("a")));
    peer.on("silent", request -> {});
    Answer good = instance.ask("good");
    await().until(() -> good.text().equals("a"));
    assertThat(hasty.ask("silent").cause()).isEqualTo(Cause.SILENT);
    await().during(SHORT.multipliedBy(2)).until(() -> !good.isOver());
    peer.awaitRequest("good").response().end(Peer.closing());
    assertThat(good.whole()).isEqualTo("a");
    assertThat(peer.connections()).isEqualTo(1);
    stage.awaitNothingLeft(instance);
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(100));
  }

  private void start(boolean tls, HttpServerOptions options) {
    if (tls) {
      peer = new Peer(options
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(new PemKeyCertOptions()
              .addCertPath(certificate.certificate().toString())
              .addKeyPath(certificate.key().toString())));
      stage = new CallStage("https://127.0.0.1:" + peer.port()).trustAll().http2();
    } else {
      peer = new Peer(options.setHttp2ClearTextEnabled(true));
      stage = new CallStage(peer.port()).http2();
    }
  }

  private static List<Answer> ask(Instance instance, int number) {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      answers.add(instance.ask("" + i));
    }
    return answers;
  }

  private static void pump(HttpServerResponse response, String piece) {
    while (!response.writeQueueFull() && !response.closed()) {
      response.write(piece);
    }
    response.drainHandler(drained -> pump(response, piece));
  }
}
