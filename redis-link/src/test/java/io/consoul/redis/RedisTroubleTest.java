package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.redis.client.impl.types.ErrorType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Trouble with Redis")
class RedisTroubleTest {

  @ParameterizedTest
  @DisplayName("is read from what Redis replies, before version 7 and since")
  @CsvSource(
      delimiter = '|',
      value = {
        "READONLY You can't write against a read only replica. | NOT_A_MASTER",
        "ERR Error running script (call to f_ab): @user_script:5: @user_script: 5: -READONLY You can't write against a read only replica. | NOT_A_MASTER",
        "OOM command not allowed when used memory > 'maxmemory'. | FULL",
        "ERR Error running script (call to f_ab): @user_script:5: @user_script: 5: -OOM command not allowed when used memory > 'maxmemory'. | FULL",
        "MISCONF Redis is configured to save RDB snapshots | NO_WRITES",
        "NOREPLICAS Not enough good replicas to write. | NO_WRITES",
        "BUSY Redis is busy running a script. | BUSY",
        "LOADING Redis is loading the dataset in memory | LOADING",
        "MASTERDOWN Link with MASTER is down | NOT_A_MASTER",
        "CLUSTERDOWN The cluster is down | CLUSTER",
        "TRYAGAIN Multiple keys request during rehashing of slot | CLUSTER",
        "MOVED 3999 127.0.0.1:6381 | WRONG_MODE",
        "WRONGPASS invalid username-password pair or user is disabled. | PASSWORD",
        "ERR max number of clients reached | CLIENTS",
        "ERR DB index is out of range | DATABASE",
        "CONNECTION_CLOSED | CLOSED"
      })
  void inReplies(String reply, RedisTrouble trouble) {
    assertThat(RedisTrouble.in(ErrorType.create(reply))).contains(trouble);
  }

  @ParameterizedTest
  @DisplayName("is not what Redis has to say about a command")
  @ValueSource(
      strings = {
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "NOSCRIPT No matching script.",
        "CROSSSLOT Keys in request don't hash to the same slot",
        "ERR value is not an integer or out of range",
        "ERR Error running script (call to f_ab): @user_script:5: READONLY in a text"
      })
  void notInReplies(String reply) {
    assertThat(RedisTrouble.in(ErrorType.create(reply))).isEmpty();
  }
}
