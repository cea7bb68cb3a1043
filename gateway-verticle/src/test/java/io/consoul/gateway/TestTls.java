package io.consoul.gateway;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A certificate for localhost and its key, made when the tests run, and clients that take any certificate. */
public record TestTls(Path cert, Path key) {

  private static final char[] PASSWORD = "password".toCharArray();

  /** Made once, for it takes a second. */
  private static final Map<Integer, KeyStore> MADE = new ConcurrentHashMap<>();

  public static TestTls in(Path folder) {
    return write(folder, 1);
  }

  /** Another certificate, with another key. */
  public static TestTls another(Path folder) {
    return write(folder, 2);
  }

  private static TestTls write(Path folder, int number) {
    try {
      KeyStore keys = MADE.computeIfAbsent(number, none -> make());
      TestTls written = new TestTls(folder.resolve("cert.pem"), folder.resolve("key.pem"));
      write(written.cert, "CERTIFICATE", keys.getCertificate("a").getEncoded());
      write(written.key, "PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded());
      return written;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    }
  }

  private static KeyStore make() {
    try {
      Path folder = Files.createTempDirectory("tls");
      Path store = folder.resolve("store.p12");
      Process keytool = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
              "-genkeypair",
              "-alias",
              "a",
              "-keyalg",
              "EC",
              "-dname",
              "CN=localhost",
              "-validity",
              "2",
              "-ext",
              "san=dns:localhost,ip:127.0.0.1",
              "-storetype",
              "PKCS12",
              "-keystore",
              store.toString(),
              "-storepass",
              new String(PASSWORD))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
      if (!keytool.waitFor(30, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new AssertionError("keytool failed");
      }
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD);
      }
      Files.delete(store);
      Files.delete(folder);
      return keys;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static void write(Path file, String type, byte[] content) throws IOException {
    Path next = file.resolveSibling("next");
    Files.writeString(
        next,
        "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(content)
            + "\n-----END " + type + "-----\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The section {@code tls}. */
  JsonObject config() {
    return new JsonObject().put("cert", cert.toString()).put("key", key.toString());
  }

  static SSLContext trustingAll() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    }
  }

  /** Connected, with these offers of ALPN. */
  static SSLSocket socket(int port, String... protocols) {
    try {
      Socket plain = new Socket();
      plain.setReceiveBufferSize(16 * 1024);
      plain.setSoTimeout(15_000);
      plain.setTcpNoDelay(true);
      plain.connect(new java.net.InetSocketAddress("127.0.0.1", port), 5_000);
      SSLSocket socket =
          (SSLSocket) trustingAll().getSocketFactory().createSocket(plain, "localhost", port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static final class TrustAll extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
