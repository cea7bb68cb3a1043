package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.provider.UpstreamFailure.Cause;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Calls to a provider that has as many as it may have")
class CallQueueTest {

  private final Peer peer = new Peer().on("held", request -> {});
  private final CallStage stage = new CallStage(peer.port());

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @Test
  @DisplayName("wait up to a bound, above which they are refused with a time to come back")
  void bound() {
    Instance instance = stage.slots(1, 1).instance();
    Answer held = held(instance);
    Answer waiting = instance.ask("waiting");
    Answer refused = instance.ask("refused");
    assertThat(refused.failure().fault().fault()).isEqualTo(Fault.SERVER_BUSY);
    assertThat(refused.failure().fault().retryAfter()).isEqualTo(1);
    assertThat(refused.cause()).isEqualTo(Cause.BUSY);
    assertThat(peer.asked()).containsExactly("held");
    peer.release("held");
    assertThat(held.whole()).isEqualTo("ok");
    assertThat(waiting.whole()).isEqualTo("ok");
    assertThat(peer.asked()).containsExactly("held", "waiting");
  }

  @Test
  @DisplayName("come to their turn in the order in which they came, from whatever instance")
  void fair() {
    stage.slots(1, 10);
    Instance one = stage.instance();
    Instance other = stage.instance();
    Answer held = held(one);
    Answer first = waiting(other, "1", 1);
    Answer second = waiting(one, "2", 2);
    Answer third = waiting(other, "3", 3);
    peer.release("held");
    held.whole();
    first.whole();
    second.whole();
    third.whole();
    assertThat(peer.asked()).containsExactly("held", "1", "2", "3");
    assertThat(peer.connections()).isEqualTo(1);
  }

  @Test
  @DisplayName("leave the queue at once when they are cancelled, and are never sent")
  void cancelled() {
    Instance instance = stage.slots(1, 1).instance();
    Answer held = held(instance);
    Answer gone = instance.ask("gone");
    gone.cancel();
    assertThat(stage.gauge("waiting")).isZero();
    Answer next = instance.ask("next");
    assertThat(stage.gauge("waiting")).isEqualTo(1);
    peer.release("held");
    held.whole();
    next.whole();
    assertThat(peer.asked()).containsExactly("held", "next");
    assertThat(gone.isOver()).isFalse();
    await().until(() -> instance.watches() == 0);
  }

  @Test
  @DisplayName("are not silent while they wait, but do not wait for ever")
  void limit() {
    Instance patient = stage.slots(1, 5).instance();
    Instance instance = stage.firstByte(Duration.ofMillis(300)).instance();
    peer.on("held", request -> Peer.begin(request).write(Peer.event("first ")));
    Answer held = held(patient);
    Answer waiting = instance.ask("waiting");
    assertThat(waiting.cause()).isEqualTo(Cause.BUSY);
    await().until(() -> stage.gauge("waiting") == 0);
    assertThat(held.isOver()).isFalse();
    assertThat(peer.asked()).containsExactly("held");
  }

  @Test
  @DisplayName("have the whole time for their answer once they have waited")
  void waitingIsNotSilence() {
    Duration most = Duration.ofMillis(600);
    Instance instance = stage.slots(1, 5).firstByte(most).timeByHand().instance();
    peer.on("waiting", request -> {});
    Answer held = held(instance);
    Answer waiting = instance.ask("waiting");
    stage.pass(instance, most.minusMillis(1));
    peer.release("held");
    assertThat(held.whole()).isEqualTo("ok");
    peer.awaitRequest("waiting");
    stage.pass(instance, most.minusMillis(1));
    peer.release("waiting");
    assertThat(waiting.whole()).isEqualTo("ok");
  }

  @Test
  @DisplayName(
      "get what an instance has held that is undeployed; the others go on, and the last takes the gauges along")
  void undeployed() {
    stage.slots(1, 5);
    Instance one = stage.instance();
    Instance other = stage.instance();
    held(one);
    Answer waiting = other.ask("waiting");
    one.undeploy();
    assertThat(waiting.whole()).isEqualTo("ok");
    peer.awaitGone("held");
    assertThat(other.ask("more").whole()).isEqualTo("ok");
    assertThat(stage.gauge("max")).isEqualTo(1);
    other.undeploy();
    assertThat(stage.gauge("max")).isEqualTo(-1);
    await().until(() -> peer.open() == 0);
    assertThat(stage.instance().ask("anew").whole()).isEqualTo("ok");
  }

  private Answer waiting(Instance instance, String text, int place) {
    Answer waiting = instance.ask(text);
    await().until(() -> stage.gauge("waiting") == place);
    return waiting;
  }

  private Answer held(Instance instance) {
    Answer held = instance.ask("held");
    peer.awaitRequest("held");
    return held;
  }
}
