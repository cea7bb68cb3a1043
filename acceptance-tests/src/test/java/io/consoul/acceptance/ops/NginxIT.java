package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
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
    ChatClient client = through(vertx, node);

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

  private ChatClient through(Vertx vertx, NodeProcess node) throws Exception {
    NginxProcess proxy = keep(new NginxProcess(nginx, home.resolve("nginx"), node.port()));
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
