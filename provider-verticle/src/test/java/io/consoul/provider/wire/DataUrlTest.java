package io.consoul.provider.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A data URL")
class DataUrlTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data:image/png;base64,AA/+==|image/png|AA/+==",
        "DATA:Image/PNG;charset=x;Base64,AA|image/png|AA"
      })
  @DisplayName("names its type and has its data encoded")
  void parts(String url, String type, String data) {
    assertThat(DataUrl.parse(url)).contains(new DataUrl(type, data));
  }

  @Test
  @DisplayName("without a type is of any")
  void noType() {
    assertThat(DataUrl.parse("data:;base64,AA"))
        .contains(new DataUrl("application/octet-stream", "AA"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "data:", "data:text/plain,hi", "https://h/a,b", "data:image/png;base64"})
  @DisplayName("is nothing else")
  void others(String url) {
    assertThat(DataUrl.parse(url)).isEmpty();
  }
}
