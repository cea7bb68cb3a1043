package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Streams that are left and found again")
class FoundAgainTest {

  private static final int TURNS = 16;
  private static final int WANDERERS = 4;

  /** Characters: fifty of the shortest words. */
  private static final int LEAST_TEXT = 100;

  @TempDir
  private Path emptyConf;

  /** A turn under way: what was asked, who follows it. */
  private record Case(String session, EventStream first, List<Future<Wanderer>> wanderers) {}

  @Test
  @DisplayName(
      "end for every listener with exactly the stored text, whatever they attach, leave, cancel or read slowly")
  void everyListenerEndsWithTheStoredText() throws Exception {
    long seed = Long.getLong("consoul.seed", System.nanoTime());
    System.out.println("FoundAgainTest: -Dconsoul.seed=" + seed);
    Random random = new Random(seed);
    ExecutorService threads = Executors.newFixedThreadPool(TURNS * WANDERERS);
    try (RunningServer running = new RunningServer(emptyConf, Map.of())) {
      List<Case> cases = new ArrayList<>();
      for (int i = 0; i < TURNS; i++) {
        cases.add(begin(running, threads, random, i));
      }
      for (Case each : cases) {
        if (random.nextInt(3) == 0) {
          cancelSometime(running, each, random);
        }
      }
      int visits = 0;
      for (Case each : cases) {
        visits += check(running, each, seed);
      }
      assertThat(visits).as("visits, seed " + seed).isGreaterThan(TURNS * WANDERERS);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Case begin(
      RunningServer running, ExecutorService threads, Random random, int number) {
    String session = "found-" + number;
    String model = "known-text-" + number;
    running.openAi.script(
        model, Script.text(pieces(random)).delayEach(Duration.ofMillis(1 + random.nextInt(20))));
    JsonObject body =
        new JsonObject().put("session_id", session).put("message", "say it").put("model", model);
    EventStream first = running.client.stream("/chat/stream", body, Map.of());
    String id = first.awaitFirstToken().id();
    String turn = id.substring(0, id.lastIndexOf(':'));
    List<Future<Wanderer>> wanderers = new ArrayList<>();
    for (int i = 0; i < WANDERERS; i++) {
      wanderers.add(threads.submit(
          new Wanderer(running.client, session, turn, new Random(random.nextLong()))));
    }
    return new Case(session, first, wanderers);
  }

  /** Words of any planes of Unicode, some of them long. */
  private static List<String> pieces(Random random) {
    List<String> pieces = new ArrayList<>();
    for (int i = 50 + random.nextInt(150); i > 0; i--) {
      String word = List.of("hello ", "Grüße ", "日本語 ", "🎉", "👩‍👩‍👧 ", "\n\n", "\"q\" ", "\\ ")
          .get(random.nextInt(8));
      pieces.add(random.nextInt(20) == 0 ? word.repeat(1_500) : word);
    }
    return pieces;
  }

  private static void cancelSometime(RunningServer running, Case each, Random random) {
    int length = random.nextInt(LEAST_TEXT);
    each.first()
        .await(
            event -> !event.event().equals("token") || event.json().getInteger("offset") >= length,
            "token beyond " + length,
            Duration.ofSeconds(30));
    HttpAnswer cancelled =
        running.client.post("/chat/" + each.session() + "/cancel", new JsonObject());
    assertThat(cancelled.status()).isEqualTo(200);
  }

  private static int check(RunningServer running, Case each, long seed) throws Exception {
    each.first().awaitEnd(Duration.ofSeconds(30));
    JsonArray messages = running
        .client
        .get("/sessions/" + each.session() + "/messages")
        .json()
        .getJsonArray("messages");
    JsonObject stored = messages.getJsonObject(1);
    String hint = each.session() + ", seed " + seed;
    assertThat(messages.size()).as(hint).isEqualTo(2);
    assertThat(each.first().text()).as(hint).isEqualTo(stored.getString("content"));
    int visits = 0;
    for (Future<Wanderer> wandering : each.wanderers()) {
      Wanderer wanderer = wandering.get(60, TimeUnit.SECONDS);
      visits += wanderer.visits();
      assertThat(wanderer.text()).as(hint).isEqualTo(stored.getString("content"));
      assertThat(wanderer.end().getString("finish_reason"))
          .as(hint)
          .isEqualTo(stored.getString("finish_reason"));
    }
    return visits;
  }
}
