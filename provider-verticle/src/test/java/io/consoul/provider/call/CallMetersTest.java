package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.provider.UpstreamFailure.Cause;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The meters of a provider")
class CallMetersTest {

  private final Peer peer = new Peer();
  private final CallStage stage = new CallStage(peer.port());

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @Test
  @DisplayName("measure the time to the response's head, and to the first text")
  void times() {
    peer.on(
        "slow", request -> peer.vertx.setTimer(100, head -> Peer.begin(request).write(":\n\n")));
    Instance instance = stage.instance();
    Answer answer = instance.ask("slow");
    await().until(() -> count("consoul_provider_request_latency", "m") == 1);
    HttpServerRequest asked = peer.awaitRequest("slow");
    peer.vertx.setTimer(200, text -> asked.response().end(Peer.event("a") + Peer.closing()));
    assertThat(answer.whole()).isEqualTo("a");
    long head = millis("consoul_provider_request_latency", "m");
    assertThat(head).isGreaterThanOrEqualTo(95);
    assertThat(millis("consoul_time_to_first_token", "m")).isGreaterThanOrEqualTo(head + 150);
  }

  @Test
  @DisplayName("count waiting for a connection to the first text, but not to the head")
  void waiting() {
    Instance instance = stage.slots(1, 1).instance();
    peer.on("held", request -> {});
    Answer held = instance.ask("held");
    HttpServerRequest asked = peer.awaitRequest("held");
    Answer waited = instance.ask("other", "x");
    peer.vertx.setTimer(200, id -> asked.response().setStatusCode(500).end());
    assertThat(held.cause()).isEqualTo(Cause.UNAVAILABLE);
    assertThat(waited.whole()).isEqualTo("ok");
    assertThat(count("consoul_time_to_first_token", "m")).isZero();
    assertThat(count("consoul_provider_request_latency", "m")).isEqualTo(1);
    assertThat(millis("consoul_time_to_first_token", "other"))
        .isGreaterThanOrEqualTo(millis("consoul_provider_request_latency", "other") + 150);
  }

  @Test
  @DisplayName("have one label for all models that the configuration does not name")
  void otherModels() {
    Instance instance = stage.instance();
    int before = stage.node.meters().getMeters().size();
    for (int i = 0; i < 20; i++) {
      instance.ask("model-" + i, "x").whole();
    }
    instance.ask("m", "x").whole();
    assertThat(count("consoul_provider_request_latency", "other")).isEqualTo(20);
    assertThat(count("consoul_time_to_first_token", "other")).isEqualTo(20);
    assertThat(count("consoul_provider_request_latency", "m")).isEqualTo(1);
    assertThat(stage.node.meters().getMeters()).hasSize(before);
  }

  @Test
  @DisplayName("count malformed chunks of answers, be these whole, cut or cancelled")
  void malformed() {
    Instance instance = stage.instance();
    String bad = "data: {\"choices\":[{\"ind\n\n";
    peer.on(
        "whole", request -> Peer.begin(request).end(bad + Peer.event("a") + bad + Peer.closing()));
    peer.on("cut", request -> Peer.begin(request).end(bad + Peer.event("a")));
    assertThat(malformedChunks()).isZero();
    assertThat(instance.ask("whole").whole()).isEqualTo("a");
    assertThat(malformedChunks()).isEqualTo(2);
    assertThat(instance.ask("cut").cause()).isEqualTo(Cause.CUT);
    assertThat(malformedChunks()).isEqualTo(3);
    assertThat(instance.ask("good").whole()).isEqualTo("ok");
    assertThat(malformedChunks()).isEqualTo(3);
  }

  @Test
  @DisplayName(
      "are there from the start, once for all instances, with the bounds of the dashboards")
  void fromTheStart() {
    stage.instance();
    stage.instance();
    assertThat(stage.node.meters().getMeters())
        .extracting(Meter::getId)
        .filteredOn(id -> id.getName().matches("consoul_(provider|time)_[a-z_]+"))
        .extracting(id -> id.getName() + " " + id.getTag("provider") + " " + id.getTag("model"))
        .containsExactlyInAnyOrder(
            "consoul_provider_connections_in_use p null",
            "consoul_provider_connections_idle p null",
            "consoul_provider_connections_waiting p null",
            "consoul_provider_connections_max p null",
            "consoul_provider_malformed_chunks p null",
            "consoul_provider_request_latency p m",
            "consoul_provider_request_latency p other",
            "consoul_time_to_first_token p m",
            "consoul_time_to_first_token p other");
    assertThat(timer("consoul_time_to_first_token", "m").takeSnapshot().histogramCounts())
        .extracting(bucket -> bucket.bucket(TimeUnit.SECONDS))
        .containsExactly(.01, .05, .1, .25, .5, 1., 2.5, 5., 10., 30., 60.);
  }

  private double malformedChunks() {
    return stage
        .node
        .meters()
        .get("consoul_provider_malformed_chunks")
        .counter()
        .count();
  }

  private long count(String name, String model) {
    return timer(name, model).count();
  }

  private long millis(String name, String model) {
    assertThat(count(name, model)).isEqualTo(1);
    return (long) timer(name, model).totalTime(TimeUnit.MILLISECONDS);
  }

  private Timer timer(String name, String model) {
    return stage
        .node
        .meters()
        .get(name)
        .tag("provider", "p")
        .tag("model", model)
        .timer();
  }
}
