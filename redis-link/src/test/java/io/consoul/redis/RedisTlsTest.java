package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.consoul.testkit.RedisServer;
import io.consoul.testkit.TlsCertificate;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A link to Redis over TLS")
class RedisTlsTest {

  @TempDir
  private Path folder;

  @Test
  @DisplayName("works where the certificate is signed by whom the CA file names, and for that host")
  void works() throws TimeoutException {
    TlsCertificate certificate = TlsCertificate.make(folder, "ip:127.0.0.1");
    try (RedisServer redis = start(certificate);
        OpenedLink opened = OpenedLink.to(secure(redis), caFile(certificate))) {
      assertThat(opened.works()).isTrue();
    }
  }

  @Test
  @DisplayName("does not trust a certificate that nobody whom Java knows has signed")
  void notTrusted() {
    try (RedisServer redis = start(TlsCertificate.make(folder, "ip:127.0.0.1"))) {
      assertThatThrownBy(() -> OpenedLink.to(secure(redis)))
          .isInstanceOf(RedisUnreachable.class)
          .hasMessageContaining("does not agree on TLS")
          .hasMessageContaining("CONSOUL_REDIS_CA_FILE");
    }
  }

  @Test
  @DisplayName("does not take a certificate that is for another host")
  void otherHost() {
    TlsCertificate certificate = TlsCertificate.make(folder, "dns:redis.example.com");
    try (RedisServer redis = start(certificate)) {
      assertThatThrownBy(() -> OpenedLink.to(secure(redis), caFile(certificate)))
          .hasMessageContaining("does not agree on TLS");
    }
  }

  @Test
  @DisplayName("is told apart from a server without TLS, both ways round")
  void mixedUp() {
    try (RedisServer redis = RedisServer.start()) {
      assertThatThrownBy(
              () -> OpenedLink.to(secure(redis), new JsonObject().put("connectTimeoutSeconds", 1)))
          .hasMessageContaining("does not answer in time")
          .hasMessageContaining("redis://");
    }
    try (RedisServer redis = start(TlsCertificate.make(folder, "ip:127.0.0.1"))) {
      assertThatThrownBy(() -> OpenedLink.to(redis.url()))
          .hasMessageContaining("closes the connection")
          .hasMessageContaining("rediss://");
    }
  }

  private static RedisServer start(TlsCertificate certificate) {
    try {
      return RedisServer.startWithTls(certificate);
    } catch (AssertionError withoutTls) {
      return abort("this Redis was built without TLS");
    }
  }

  private static JsonObject caFile(TlsCertificate certificate) {
    return new JsonObject().put("caFile", certificate.certificate().toString());
  }

  private static String secure(RedisServer redis) {
    return redis.url().replace("redis://", "rediss://");
  }
}
