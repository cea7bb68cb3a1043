package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("API keys on /v1")
class V1TenantsTest {

  private static final String PATH = "/v1/chat/completions";

  @TempDir
  private Path emptyConf;

  private static String body(String message) {
    return new JsonObject()
        .put("model", "fake")
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", message)))
        .encode();
  }

  private static List<String> lastPrompt(RunningServer server) {
    var requests = server.openAi.requests();
    return requests.get(requests.size() - 1).messages().stream()
        .map(message -> message.getString("content"))
        .toList();
  }

  @Test
  @DisplayName("are required, in OpenAI's words, and part the sessions of their tenants")
  void tenants() throws Exception {
    try (RunningServer server = new RunningServer(
        emptyConf,
        Map.of(
            "CONSOUL_API_KEYS",
            "[{\"key\":\"sk-ann-0123456789\",\"id\":\"ann\",\"tenant\":\"ann\"},"
                + "{\"key\":\"sk-bob-0123456789\",\"id\":\"bob\",\"tenant\":\"bob\"}]"))) {
      server.openAi.answer(Script.echo());
      ChatClient ann = server.client.withHeader("Authorization", "Bearer sk-ann-0123456789");
      ChatClient bob = server.client.withHeader("Authorization", "Bearer sk-bob-0123456789");

      for (HttpAnswer refused : List.of(
          server.client.post(PATH, body("of nobody"), Map.of()),
          server.client.post(
              PATH, body("of nobody"), Map.of("Authorization", "Bearer sk-none-0123456789")),
          server.client.get("/v1/models"))) {
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().getJsonObject("error").getString("message"))
            .contains("API key")
            .doesNotContain("sk-");
      }
      assertThat(ann.get("/v1/models").status()).isEqualTo(200);

      Map<String, String> session = Map.of("X-Session-ID", "shared", "Idempotency-Key", "one");
      assertThat(ann.post(PATH, body("of Ann"), session).status()).isEqualTo(200);
      assertThat(bob.post(PATH, body("of Bob"), session).status()).isEqualTo(200);
      assertThat(lastPrompt(server)).containsExactly("of Bob");
      ann.post(PATH, body("again"), Map.of("X-Session-ID", "shared"));
      assertThat(lastPrompt(server)).containsExactly("of Ann", "You said: of Ann", "again");
      assertThat(bob.get("/sessions/shared/messages").text()).doesNotContain("Ann");
    }
  }
}
