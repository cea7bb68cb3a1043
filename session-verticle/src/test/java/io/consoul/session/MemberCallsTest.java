package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Members that are asked for many things")
class MemberCallsTest {

  private Vertx vertx;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }

  @Test
  @DisplayName("answer for each, and those who have nothing to say are left out")
  void each() throws Exception {
    MemberCalls calls = new MemberCalls(vertx.getOrCreateContext(), Duration.ofSeconds(10));

    Map<String, String> answers = get(calls.askEach(
        Set.of("a", "b", "nothing"),
        key -> CompletableFuture.completedFuture(key.equals("nothing") ? null : key + "!")));

    assertThat(answers).containsOnly(Map.entry("a", "a!"), Map.entry("b", "b!"));
  }

  @Test
  @DisplayName("one of which does not answer keep nobody waiting for longer than the patience")
  void noAnswer() {
    MemberCalls calls = new MemberCalls(vertx.getOrCreateContext(), Duration.ofMillis(50));

    Future<Map<String, String>> asked = calls.askEach(
        Set.of("a", "b"),
        key ->
            key.equals("a") ? CompletableFuture.completedFuture("a!") : new CompletableFuture<>());

    assertThatThrownBy(() -> get(asked))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            FaultException.class,
            failure -> assertThat(failure.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, SECONDS);
  }
}
