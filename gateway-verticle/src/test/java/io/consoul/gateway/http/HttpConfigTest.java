package io.consoul.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.gateway.TestTls;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The configuration of HTTP")
class HttpConfigTest {

  private static HttpConfig read(JsonObject json) {
    return ConfigReader.read(json, HttpConfig::from);
  }

  private static JsonObject cors(JsonObject cors) {
    return new JsonObject().put("cors", cors);
  }

  @Test
  @DisplayName("has a default for everything")
  void defaults() {
    HttpConfig config = read(new JsonObject());
    assertThat(config.cors().origins()).containsExactly("*");
    assertThat(config.cors().methods()).containsExactly("*");
    assertThat(config.cors().headers()).containsExactly("*");
    assertThat(config.cors().credentials()).isFalse();
    assertThat(config.cors().maxAge()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.trustedProxies().isEmpty()).isTrue();
    assertThat(config.tls()).isEmpty();
    assertThat(config.headerTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  @DisplayName("is read from the environment, lists with commas between their items")
  void environment() {
    ConfigReport report = new ConfigReport();
    HttpConfig config = HttpConfig.from(ConfigReader.of(
        "gateway.json",
        new JsonObject(),
        new Overrides(Map.of(
            "CONSOUL_CORS_ALLOWED_ORIGINS", "https://A.example.org:443, http://localhost:3000,null",
            "CONSOUL_CORS_ALLOW_METHODS", "GET",
            "CONSOUL_CORS_ALLOW_HEADERS", "[\"X-API-Key\",\"Content-Type\"]",
            "CONSOUL_CORS_ALLOW_CREDENTIALS", "true",
            "CONSOUL_CORS_MAX_AGE", "60",
            "CONSOUL_TRUSTED_PROXIES", "10.0.0.0/8,::1")),
        report));
    assertThat(report.problems()).isEmpty();
    assertThat(config.cors().origins())
        .containsExactly("https://a.example.org", "http://localhost:3000", "null");
    assertThat(config.cors().headers()).containsExactly("X-API-Key", "Content-Type");
    assertThat(config.cors().credentials()).isTrue();
    assertThat(config.trustedProxies().isEmpty()).isFalse();
  }

  @Test
  @DisplayName("refuses to send credentials to every web page")
  void starWithCredentials() {
    assertThatThrownBy(() -> read(cors(new JsonObject().put("allowCredentials", true))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cors.allowCredentials must not be true while origins is *");
  }

  @Test
  @DisplayName("reports all that is wrong at once")
  void problems() {
    JsonObject json = cors(new JsonObject()
            .put(
                "origins",
                new JsonArray().add("example.org").add("https://*.example.org").add("https://a/"))
            .put("allowMethods", new JsonArray().add("G E T")))
        .put("trustedProxies", new JsonArray().add("10.0.0.0/99"))
        .put("http", new JsonObject().put("maxHeaderByte", 5));
    assertThatThrownBy(() -> read(json))
        .hasMessageContaining("got example.org")
        .hasMessageContaining("got https://*.example.org")
        .hasMessageContaining("got https://a/")
        .hasMessageContaining("cors.allowMethods must be * or a list of names")
        .hasMessageContaining("10.0.0.0/99")
        .hasMessageContaining("http.maxHeaderByte is not a known key");
  }

  @Test
  @DisplayName("takes a certificate with its own key, and nothing else")
  void certificates(@TempDir Path folder, @TempDir Path other) throws IOException {
    TestTls tls = TestTls.in(folder);
    TestTls stranger = TestTls.another(other);
    assertThat(tlsOf(tls.cert(), tls.key()).tls()).isPresent();

    Path absent = folder.resolve("absent.pem");
    Path garbage = Files.writeString(folder.resolve("garbage.pem"), "hush-hush");
    assertThatThrownBy(() -> read(
            new JsonObject().put("tls", new JsonObject().put("cert", tls.cert().toString()))))
        .hasMessageContaining("tls.key is missing");
    assertThatThrownBy(() -> tlsOf(tls.cert(), absent))
        .hasMessageContaining("tls.cert and tls.key cannot be used: " + absent + " cannot be read");
    assertThatThrownBy(() -> tlsOf(tls.cert(), stranger.key()))
        .hasMessageContaining("is not that of the certificate");
    assertThatThrownBy(() -> tlsOf(tls.cert(), garbage))
        .hasMessageContaining("is not PEM that can be used")
        .hasMessageNotContaining("hush-hush");
    assertThatThrownBy(() -> tlsOf(garbage, tls.key()))
        .hasMessageContaining("is not PEM that can be used");
  }

  private static HttpConfig tlsOf(Path cert, Path key) {
    return read(new JsonObject()
        .put("tls", new JsonObject().put("cert", cert.toString()).put("key", key.toString())));
  }
}
