package io.consoul.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The patience of tests")
class PatienceTest {

  private static final Duration OF_AWAITILITY = Duration.ofSeconds(10);

  @Test
  @DisplayName("is longer than Awaitility's own, without a word in the test")
  void longer() {
    AtomicLong leftMillis = new AtomicLong();

    await()
        .conditionEvaluationListener(met -> leftMillis.set(met.getRemainingTimeInMS()))
        .until(() -> true);

    assertThat(leftMillis.get()).isGreaterThan(OF_AWAITILITY.toMillis());
  }
}
