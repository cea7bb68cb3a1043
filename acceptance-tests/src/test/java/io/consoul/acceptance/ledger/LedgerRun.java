package io.consoul.acceptance.ledger;

import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.StoredTurns;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Clients send turns to sessions that some of them share, while a nemesis kills, pauses and cuts; when all is mended, what
 * the store has is held against what was acknowledged. Also a main, for longer runs; its words are those of
 * {@link LedgerPlan#of}.
 */
public final class LedgerRun {

  /** Shorter than a pause, so that clients go elsewhere, and longer than a lease. */
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(8);

  private static final int WARMING_TURNS = 5;

  private static final Duration SETTLING = Duration.ofSeconds(60);

  private final LedgerPlan plan;
  private final Path folder;
  private final Vertx vertx;
  private final Ledger ledger = new Ledger();
  private final long start = System.nanoTime();

  private LedgerRun(LedgerPlan plan, Path folder, Vertx vertx) {
    this.plan = plan;
    this.folder = folder;
    this.vertx = vertx;
  }

  /** @param folder where the nodes run; where something was wrong, their logs and the ledger stay in it */
  public static LedgerReport of(LedgerPlan plan, Path folder) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      return new LedgerRun(plan, folder, vertx).run();
    } finally {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }

  /** Ends with 1 where something was wrong. */
  public static void main(String[] words) throws Exception {
    LedgerPlan plan = LedgerPlan.of(words);
    Path folder = Path.of("target", plan.name() + "-" + plan.seed()).toAbsolutePath();
    LedgerReport report = of(plan, folder);
    report.problems().forEach(System.out::println);
    System.out.println(report.summary());
    System.exit(report.problems().isEmpty() ? 0 : 1);
  }

  private LedgerReport run() throws InterruptedException {
    try (Servers servers = Servers.start(plan, folder)) {
      List<ChatClient> clients = servers.nodes().stream()
          .map(node -> new ChatClient(vertx, node.port()).withLimit(REQUEST_LIMIT))
          .toList();
      clients.forEach(LedgerRun::warmUp);
      Nemesis nemesis = drive(servers, clients);
      servers.awaitWhole(vertx);
      Map<String, List<JsonObject>> stored = readBack(clients);
      LedgerReport report =
          LedgerReport.of(plan, ledger, nemesis, LedgerCheck.of(ledger.entries(), stored));
      keep(servers, nemesis, stored, report);
      clients.forEach(ChatClient::close);
      return report;
    }
  }

  /** A node that has just started takes seconds for its first turns on a busy machine; how they end does not matter. */
  private static void warmUp(ChatClient node) {
    for (int turn = 0; turn < WARMING_TURNS; turn++) {
      Attempt.whole(node, "warm", "Hello", Map.of());
    }
  }

  private Nemesis drive(Servers servers, List<ChatClient> clients) throws InterruptedException {
    long until = System.nanoTime() + plan.length().toNanos();
    Random seeds = new Random(plan.seed());
    Nemesis nemesis = new Nemesis(servers, plan.mishaps(), new Random(seeds.nextLong()), until);
    List<Thread> threads = new ArrayList<>();
    threads.add(new Thread(nemesis, "nemesis"));
    for (int number = 0; number < plan.clients(); number++) {
      threads.add(new Thread(
          new LedgerClient(
              number,
              clients,
              sessionsOf(number),
              REQUEST_LIMIT,
              ledger,
              new Random(seeds.nextLong()),
              until),
          "client " + number));
    }
    threads
        .get(0)
        .setUncaughtExceptionHandler(
            (thread, failed) -> ledger.problem("the nemesis failed: " + failed));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    return nemesis;
  }

  private List<String> sessionsOf(int client) {
    List<String> sessions = new ArrayList<>(hotSessions());
    sessions.add("own-" + client);
    return sessions;
  }

  private List<String> hotSessions() {
    List<String> sessions = new ArrayList<>();
    for (int i = 0; i < plan.hotSessions(); i++) {
      sessions.add("hot-" + i);
    }
    return sessions;
  }

  /**
   * Every session as the first node has it; what another one says differently, and goes on saying, is a problem: a request that its
   * client has given up may have waited until now for its turn.
   */
  private Map<String, List<JsonObject>> readBack(List<ChatClient> nodes) {
    List<String> sessions = hotSessions();
    for (int client = 0; client < plan.clients(); client++) {
      sessions.add("own-" + client);
    }
    Map<String, List<JsonObject>> stored = new TreeMap<>();
    for (String session : sessions) {
      await(session + " has no turn in progress")
          .atMost(SETTLING)
          .ignoreExceptions()
          .until(() -> isAtRest(nodes.get(0), session));
      try {
        await("nodes tell the same")
            .atMost(SETTLING)
            .ignoreExceptions()
            .until(() -> areAgreed(nodes, session));
      } catch (ConditionTimeoutException lasting) {
        ledger.problem("nodes do not tell the same of " + session);
      }
      stored.put(session, StoredTurns.messages(nodes.get(0), session));
    }
    return stored;
  }

  private static boolean areAgreed(List<ChatClient> nodes, String session) {
    return nodes.stream()
            .map(node -> StoredTurns.messages(node, session))
            .distinct()
            .count()
        == 1;
  }

  private static boolean isAtRest(ChatClient node, String session) {
    HttpAnswer answer = node.get("/sessions/" + session);
    return answer.status() == 404
        || answer.status() == 200 && answer.json().getString("turn_in_progress") == null;
  }

  /** For whoever has to find out. */
  private void keep(
      Servers servers, Nemesis nemesis, Map<String, List<JsonObject>> stored, LedgerReport report) {
    try {
      Files.write(
          folder.resolve("ledger.jsonl"),
          ledger.entries().stream().map(entry -> entry.toJson(start).encode()).toList());
      Files.write(
          folder.resolve("stored.jsonl"),
          stored.entrySet().stream()
              .map(session -> new JsonObject()
                  .put("session", session.getKey())
                  .put("messages", new JsonArray(session.getValue()))
                  .encode())
              .toList());
      Files.write(folder.resolve("mishaps.txt"), nemesis.diary());
      Files.write(folder.resolve("problems.txt"), report.problems());
      for (int i = 0; i < servers.nodes().size(); i++) {
        Files.write(folder.resolve("node-" + i + ".log"), servers.nodes().get(i).lines());
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
