package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A client that asks again, under the same idempotency key, when it is told that nobody can answer just now: on a machine that
 * is short of time one node may be too late for another.
 */
final class PatientClient {

  /** After that it does not ask again. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** No session verticle, or no provider verticle, has answered. */
  private static final Set<String> NOBODY = Set.of("E110", "E200");

  private PatientClient() {}

  /** Returns when the turn has been answered. */
  static void chat(ChatClient client, String session, String message) throws InterruptedException {
    Map<String, String> key = Map.of("Idempotency-Key", UUID.randomUUID().toString());
    long begun = System.nanoTime();
    HttpAnswer answer = client.chat(session, message, key);
    while (answer.status() == 503 && System.nanoTime() - begun < PATIENCE.toNanos()) {
      assertThat(answer.json().getString("code")).as(answer.toString()).isIn(NOBODY);
      TimeUnit.SECONDS.sleep(1);
      answer = client.chat(session, message, key);
    }
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
  }
}
