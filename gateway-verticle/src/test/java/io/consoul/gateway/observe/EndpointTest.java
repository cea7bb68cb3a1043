package io.consoul.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An endpoint's name")
class EndpointTest {

  private static Set<String> documented() throws IOException {
    try (InputStream file =
        EndpointTest.class.getResourceAsStream("/io/consoul/gateway/openapi.json")) {
      return new JsonObject(new String(file.readAllBytes(), StandardCharsets.UTF_8))
          .getJsonObject("paths")
          .fieldNames();
    }
  }

  @Test
  @DisplayName("is the path as openapi.json has it, for all that is in there")
  void templates() throws IOException {
    assertThat(documented())
        .allSatisfy(path -> assertThat(
                Endpoint.of(path.replaceAll("\\{.*?}", "a~b%2Fc")).template())
            .isEqualTo(path));
    assertThat(Arrays.stream(Endpoint.values())
            .filter(endpoint -> endpoint != Endpoint.UNMATCHED)
            .map(Endpoint::template)
            .collect(Collectors.toSet()))
        .isEqualTo(documented());
  }

  @ParameterizedTest
  @DisplayName("is one and the same for all other paths")
  @ValueSource(
      strings = {
        "",
        "/",
        "*",
        "/chat/",
        "//chat",
        "/Chat",
        "/chat/s1",
        "/chat/stream/",
        "/chat/stream/a/b",
        "/chat//cancel",
        "/chat/a/b/cancel",
        "/chat/cancel",
        "/sessions/",
        "/sessions//messages",
        "/sessions/a/",
        "/sessions/a/messages/",
        "/ws/chat",
        "/ws/chat/a/b",
        "/v1/models/",
        "/v1/chat/completions/"
      })
  void others(String path) {
    assertThat(Endpoint.of(path)).isEqualTo(Endpoint.UNMATCHED);
  }
}
