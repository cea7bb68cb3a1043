package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Protected mode")
class ProtectedModeTest {

  private final ProtectedMode mode = new ProtectedMode(false);

  @ParameterizedTest(name = "from {0} at {1} with {2} {3}")
  @DisplayName("serves callers on this machine")
  @CsvSource({
    "127.0.0.1, localhost, , ",
    "127.0.0.1, LocalHost:8000, , ",
    "127.0.0.1, 127.0.0.1:8000, , ",
    "127.9.8.7, 127.1.2.3, , ",
    "127.0.0.1, app.localhost:8000, , ",
    "::1, [::1]:8000, , ",
    "0:0:0:0:0:0:0:1, [::1], , ",
    "0:0:0:0:0:0:0:1%lo, localhost, , ",
    "127.0.0.1, localhost:8000, Origin, http://localhost:3000",
    "127.0.0.1, localhost:8000, Origin, https://127.0.0.1",
    "127.0.0.1, localhost:8000, Origin, http://[::1]:3000",
    "127.0.0.1, localhost:8000, Origin, http://app.localhost",
    "127.0.0.1, localhost:8000, X-Request-ID, 1",
  })
  void serves(String remote, String host, String header, String value) {
    assertThat(mode.refusal(remote, headers(host, header, value))).isEmpty();
  }

  @ParameterizedTest(name = "from {0} at {1} with {2} {3}")
  @DisplayName("refuses everybody else and says what to do")
  @CsvSource({
    "10.0.0.1, localhost, , ",
    "128.0.0.1, localhost, , ",
    "2001:db8::1, localhost, , ",
    ", localhost, , ",
    "not an address, localhost, , ",
    "127.0.0.1, example.org, , ",
    "127.0.0.1, localhost.example.org:8000, , ",
    "127.0.0.1, 127.0.0.1.example.org, , ",
    "127.0.0.1, 127.1, , ",
    "127.0.0.1, 2130706433, , ",
    "127.0.0.1, 10.0.0.1:8000, , ",
    "127.0.0.1, [2001:db8::1]:8000, , ",
    "127.0.0.1, [::1].example.org, , ",
    "127.0.0.1, evillocalhost, , ",
    "127.0.0.1, user@localhost, , ",
    "127.0.0.1, localhost:8000, Origin, null",
    "127.0.0.1, localhost:8000, Origin, https://example.org",
    "127.0.0.1, localhost:8000, Origin, http://localhost.example.org",
    "127.0.0.1, localhost:8000, Origin, http://localhost@example.org",
    "127.0.0.1, localhost:8000, Origin, file://localhost",
    "127.0.0.1, localhost:8000, Origin, localhost",
    "127.0.0.1, localhost:8000, Forwarded, for=127.0.0.1",
    "127.0.0.1, localhost:8000, X-Forwarded-For, 127.0.0.1",
    "127.0.0.1, localhost:8000, x-forwarded-host, localhost",
    "127.0.0.1, localhost:8000, X-Real-IP, 127.0.0.1",
    "127.0.0.1, localhost:8000, Via, 1.1 proxy",
  })
  void refuses(String remote, String host, String header, String value) {
    assertThat(mode.refusal(remote, headers(host, header, value))).hasValueSatisfying(fault -> {
      assertThat(fault.fault()).isEqualTo(Fault.FORBIDDEN);
      assertThat(fault).hasMessageContaining("CONSOUL_ALLOW_ANONYMOUS=true");
    });
  }

  @Test
  @DisplayName("serves everybody when it is lifted")
  void lifted() {
    MultiMap headers = headers("example.org", "Via", "1.1 proxy");
    assertThat(new ProtectedMode(true).refusal("10.0.0.1", headers)).isEmpty();
  }

  private static MultiMap headers(String host, String header, String value) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Host", host);
    return header == null ? headers : headers.add(header, value);
  }
}
