package io.consoul.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that signs itself, made by the JDK's keytool, and its key, both as PEM.
 *
 * @param certificate file
 * @param key file
 */
public record TlsCertificate(Path certificate, Path key) {

  /** Of the key store that they are in, too. */
  public static final String PASSWORD = "for-the-store-only";

  private static final String STORE = "store.p12";

  /**
   * @param folder where the files go
   * @param name for whom it is, such as {@code ip:127.0.0.1} or {@code dns:example.com}
   */
  public static TlsCertificate make(Path folder, String name) {
    Path store = folder.resolve(STORE);
    try {
      Process keytool = new ProcessBuilder(List.of(
              Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
              "-genkeypair",
              "-keystore",
              store.toString(),
              "-storetype",
              "PKCS12",
              "-storepass",
              PASSWORD,
              "-alias",
              "server",
              "-keyalg",
              "EC",
              "-dname",
              "CN=test",
              "-ext",
              "SAN=" + name,
              "-validity",
              "2"))
          .redirectErrorStream(true)
          .start();
      String output = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
      if (keytool.waitFor() != 0) {
        throw new AssertionError("keytool: " + output);
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream file = Files.newInputStream(store)) {
        keys.load(file, PASSWORD.toCharArray());
      }
      return new TlsCertificate(
          pem(folder, "CERTIFICATE", keys.getCertificate("server").getEncoded()),
          pem(
              folder,
              "PRIVATE KEY",
              keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
    } catch (IOException | GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", interrupted);
    }
  }

  /** The same in PKCS#12. */
  public Path keyStore() {
    return certificate.resolveSibling(STORE);
  }

  private static Path pem(Path folder, String type, byte[] content) throws IOException {
    Path file = folder.resolve(type.replace(' ', '-') + ".pem");
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }
}
