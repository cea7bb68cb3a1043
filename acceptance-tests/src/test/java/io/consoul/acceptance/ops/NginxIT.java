package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.ClusterFile;
import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Consoul behind NGINX, as ops/nginx sets it up")
class NginxIT {

  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String PROXY = "127.0.0.1/32";

  @TempDir
  private Path home;

  private final List<AutoCloseable> running = new ArrayList<>();
  private Tool nginx;

  @BeforeEach
  void find() {
    nginx = Tool.orSkip("nginx");
  }

  @AfterEach
  void end() throws Exception {
    for (int i = running.size() - 1; i >= 0; i--) {
      running.get(i).close();
    }
  }

  @Test
  @DisplayName(
      "streams piece by piece, upgrades to WebSockets, and knows its callers and their requests")
  void wayThrough(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(10, TimeUnit.SECONDS);
    running.add(() -> openAi.close().await(10, TimeUnit.SECONDS));
    NodeProcess node = keep(NodeProcess.inMemory(
                home.resolve("node"),
                "CONSOUL_ALLOW_ANONYMOUS",
                "true",
                "CONSOUL_TRUSTED_PROXIES",
                PROXY,
                "CONSOUL_RATE_LIMIT_ENABLED",
                "true",
                "CONSOUL_DEFAULT_LIMITS",
                "100/day",
                "OPENAI_API_KEY",
                "any",
                "OPENAI_BASE_URL",
                openAi.baseUrl(),
                "CONSOUL_MODEL_NAME",
                "fake")
            .start())
        .awaitUp();
    ChatClient client = through(vertx, List.of(node.port()));

    Promise<Void> release = Promise.promise();
    openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
    EventStream stream = client.stream("streamed", "Hello");
    assertThat(stream.awaitFirstToken().json().getString("text")).isEqualTo("one ");
    release.complete();
    assertThat(stream.awaitEnd().text()).isEqualTo("one two");

    SocketClient socket = client.connect("spoken");
    socket.say("Hello").await("done");
    socket.close();

    HttpAnswer first = from(client, "198.51.100.1", "/sessions/a?api_key=not-to-be-logged");
    HttpAnswer second = from(client, "198.51.100.2", "/sessions/a");
    assertThat(List.of(first, second))
        .extracting(answer -> answer.header("X-RateLimit-Remaining"))
        .containsExactly("99", "99");
    assertThat(first.header("X-Request-ID")).isEqualTo("request-198.51.100.1");
    Path log = NginxProcess.accessLog(home.resolve("nginx"));
    await().atMost(LIMIT).until(() -> Files.readString(log).contains("request-198.51.100.2"));
    assertThat(Files.readString(log))
        .contains("request-198.51.100.1", " GET /sessions/a 404 ")
        .doesNotContain("not-to-be-logged");
  }

  @Test
  @Tag("long")
  @DisplayName("loses no request while its nodes are restarted one after the other")
  void rollingRestart(Vertx vertx) throws Exception {
    ClusterFile.forNodes(home, 2);
    List<NodeProcess> nodes = List.of(node(0), node(1));
    nodes.forEach(NodeProcess::awaitUp);
    ChatClient client = through(vertx, nodes.stream().map(NodeProcess::port).toList());
    List<Future<HttpAnswer>> asked = new ArrayList<>();
    long asking =
        vertx.setPeriodic(20, tick -> asked.add(client.beginChat("s" + asked.size(), "Hello")));

    for (NodeProcess node : nodes) {
      node.terminate();
      assertThat(node.exitCode(LIMIT)).isZero();
      node.start().awaitUp();
      ChatClient direct = keep(new ChatClient(vertx, node.port()));
      await()
          .atMost(LIMIT)
          .until(
              () -> direct.get("/ready").json().getJsonObject("checks").getInteger("cluster") == 2);
    }
    vertx.cancelTimer(asking);

    Future.join(asked).await(60, TimeUnit.SECONDS);
    assertThat(asked)
        .hasSizeGreaterThan(100)
        .allSatisfy(answer ->
            assertThat(answer.result().status()).as("%s", answer.result()).isEqualTo(200));
  }

  private NodeProcess node(int number) {
    return keep(NodeProcess.inCluster(
            home.resolve("node" + number),
            home,
            "CONSOUL_ALLOW_ANONYMOUS",
            "true",
            "CONSOUL_TRUSTED_PROXIES",
            PROXY)
        .start());
  }

  private ChatClient through(Vertx vertx, List<Integer> nodes) throws Exception {
    NginxProcess proxy = keep(new NginxProcess(nginx, home.resolve("nginx"), nodes));
    return keep(new ChatClient(vertx, proxy.port()).withLimit(LIMIT));
  }

  private static HttpAnswer from(ChatClient client, String address, String path) {
    return client.get(
        path, Map.of("X-Forwarded-For", address, "X-Request-ID", "request-" + address));
  }

  private <T extends AutoCloseable> T keep(T closeable) {
    running.add(closeable);
    return closeable;
  }
}
