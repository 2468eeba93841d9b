import ArgumentParser
import AsyncHTTPClient

