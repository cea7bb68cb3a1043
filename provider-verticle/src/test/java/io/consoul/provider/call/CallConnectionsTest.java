package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.provider.UpstreamFailure.Cause;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The connections to a provider")
class CallConnectionsTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Peer peer = new Peer();
  private CallStage stage = new CallStage(peer.port());

  @AfterEach
  void close() {
    stage.close();
    peer.close();
  }

  @Test
  @DisplayName("are used again, also by other instances")
  void usedAgain() {
    // One at a time: else another may be made in the moment before the first one is given back.
    stage.slots(1, 1);
    Instance one = stage.instance();
    Instance other = stage.instance();
    for (int i = 0; i < 5; i++) {
      assertThat(one.ask("1").whole()).isEqualTo("ok");
      stage.awaitNothingLeft(one);
      assertThat(other.ask("2").whole()).isEqualTo("ok");
      stage.awaitNothingLeft(other);
    }
    assertThat(peer.connections()).isEqualTo(1);
  }

  @Test
  @DisplayName("are closed when nobody has used them for as long as they are kept")
  void keepAlive() {
    Instance instance = stage.idle(10, Duration.ofSeconds(1)).instance();
    instance.ask("x").whole();
    await().until(() -> peer.open() == 0);
    await().until(() -> stage.gauge("idle") == 0);
    assertThat(instance.ask("x").whole()).isEqualTo("ok");
    assertThat(peer.connections()).isEqualTo(2);
  }

  @Test
  @DisplayName("are not kept above the number that may be idle")
  void maxIdle() {
    Instance instance = stage.idle(2, LONG).instance();
    peer.otherwise(request -> {});
    List<Answer> answers = ask(instance, 6);
    await().until(() -> peer.asked().size() == 6);
    assertThat(peer.open()).isEqualTo(6);
    IntStream.range(0, 6).forEach(i -> peer.release("" + i));
    answers.forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
    await().until(() -> peer.open() == 2 && stage.gauge("idle") == 2);
    peer.otherwise(Peer::whole);
    for (int i = 0; i < 10; i++) {
      assertThat(instance.ask("again").whole()).isEqualTo("ok");
    }
    stage.awaitNothingLeft(instance);
    assertThat(peer.connections()).isEqualTo(6);
  }

  @Test
  @DisplayName("are each used once when none may be idle, and every call still has one")
  void noneIdle() {
    stage.slots(2, 500).idle(0, LONG);
    List<Instance> instances = List.of(stage.instance(), stage.instance(), stage.instance());
    List<Answer> answers =
        IntStream.range(0, 300).mapToObj(i -> instances.get(i % 3).ask("" + i)).toList();
    answers.forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
    instances.forEach(stage::awaitNothingLeft);
    await().until(() -> peer.open() == 0 && stage.gauge("idle") == 0);
  }

  @ParameterizedTest(name = "whose event loop is theirs: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "that are about to be closed are not used again, and do no harm to calls that are offered them")
  void leaving(boolean own) {
    Instance owner = stage.idle(1, LONG).instance();
    Instance user = stage.instance();
    peer.on("other", request -> {}).on("owner's", request -> {});
    Answer other = user.ask("other");
    peer.awaitRequest("other");
    owner.ask("first").whole();
    await().until(() -> stage.gauge("idle") == 1);
    Answer last = user.ask("owner's");
    peer.awaitRequest("owner's");
    peer.release("other");
    other.whole();
    await().until(() -> stage.gauge("idle") == 1);
    // The owner is busy when its connection is one too many, so that this can only be meant to
    // close.
    CountDownLatch end = new CountDownLatch(1);
    AtomicReference<Answer> owners = new AtomicReference<>();
    last.onText(() -> owners.set(owner.askAndBlock("next", end)));
    peer.release("owner's");
    last.whole();
    await().until(() -> stage.gauge("in_use") == 0);
    Answer next = own ? owners.get() : user.ask("another's");
    if (!own) {
      await().during(Duration.ofMillis(100)).until(() -> !next.isOver());
    }
    end.countDown();
    assertThat(next.whole()).isEqualTo("ok");
    assertThat(owners.get().whole()).isEqualTo("ok");
  }

  @Test
  @DisplayName("make a call fail as unreachable if they turn out to be closed when it is sent")
  void stale() {
    peer.on("x", request -> request.connection().close());
    Instance instance = stage.instance();
    instance.ask("first").whole();
    stage.awaitNothingLeft(instance);
    assertThat(instance.ask("x").cause()).isEqualTo(Cause.UNREACHABLE);
    assertThat(peer.connections()).isEqualTo(1);
    assertThat(instance.ask("next").whole()).isEqualTo("ok");
    assertThat(peer.connections()).isEqualTo(2);
    stage.awaitNothingLeft(instance);
  }

  @Test
  @DisplayName("are counted: those in use, those idle, those who wait for one")
  void gauges() {
    Instance instance = stage.slots(3, 5).instance();
    assertGauges(0, 0, 0);
    peer.otherwise(request -> {});
    List<Answer> answers = ask(instance, 5);
    await().until(() -> peer.asked().size() == 3);
    assertGauges(3, 0, 2);
    peer.release(peer.asked().get(0));
    await().until(() -> peer.asked().size() == 4);
    assertGauges(3, 0, 1);
    for (int i = 1; i < 5; i++) {
      int next = i;
      await().until(() -> peer.asked().size() > next);
      peer.release(peer.asked().get(i));
    }
    answers.forEach(answer -> assertThat(answer.whole()).isEqualTo("ok"));
    stage.awaitNothingLeft(instance);
    assertGauges(0, 3, 0);
    peer.closeConnections();
    await().until(() -> stage.gauge("idle") == 0);
    assertGauges(0, 0, 0);
  }

  private static List<Answer> ask(Instance instance, int number) {
    return IntStream.range(0, number).mapToObj(i -> instance.ask("" + i)).toList();
  }

  private void assertGauges(int inUse, int idle, int waiting) {
    assertThat(List.of(
            stage.gauge("in_use"),
            stage.gauge("idle"),
            stage.gauge("waiting"),
            stage.gauge("max") - stage.max()))
        .as("in use, idle, waiting, wrong max")
        .containsExactly(inUse, idle, waiting, 0);
  }
}
